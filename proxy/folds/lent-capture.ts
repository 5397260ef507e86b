import type { Dissection } from '#dissectors/field.ts';
import type { Direction } from '#dissectors/message.ts';
import { APPLICATION_DATA } from '#dissectors/tls/record.ts';
import type { KeyLog } from '#keys/key-log.ts';
import { LentConnection } from './lent-keys.ts';
import { lentRecord, type LentRecord } from './lent-record.ts';
import type { ToldKey } from './lent-told.ts';
import type { WireConnection } from './wire-connection.ts';
import type { WireMessage } from './wire-message.ts';

/** How far the opening has come, over all connections. */
export interface LentProgress {
  readonly opened: number;
  /** Records that stay sealed, each for a reason of its own. */
  readonly sealed: number;
  /** Bytes of TLS connections that were looked at, and all of them. */
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** What can be found inside a record. */
export interface LentText {
  readonly title: string;
  readonly bytes: Uint8Array;
}

interface Lent {
  connection: LentConnection;
  /** The newest record with data of each direction: what comes next may tell what it began. */
  readonly last: Partial<Record<Direction, WireMessage>>;
  /** Something of it stayed sealed for want of a key that may yet be told. */
  lacksKey: boolean;
  isDone: boolean;
  opened: number;
  sealed: number;
}

/**
 * Every TLS connection of a capture with the keys of one end lent to it. Opens record by record in steps
 * (`advance`), tags verified; dropping the whole object takes the keys back. What it shows goes to whoever holds
 * it, and no fold of the stranger's takes it.
 */
export class LentCapture {
  readonly #keyLog: KeyLog;
  readonly #lent = new Map<WireConnection, Lent>();
  readonly #due = new Set<WireConnection>();
  #steps: { readonly wire: WireConnection; readonly next: Generator<WireMessage, void> } | undefined;
  readonly #changed = new Set<WireMessage>();

  constructor(keyLog: KeyLog, connections: Iterable<WireConnection>) {
    this.#keyLog = keyLog;
    for (const connection of connections) this.note(connection);
  }

  get isUpToDate(): boolean {
    return this.#steps === undefined && this.#due.size === 0;
  }

  get progress(): LentProgress {
    const sums = { opened: 0, sealed: 0, doneBytes: 0, totalBytes: 0 };
    for (const [wire, { connection, opened, sealed }] of this.#lent) {
      sums.opened += opened;
      sums.sealed += sealed;
      sums.doneBytes += connection.taken;
      sums.totalBytes += wire.bytes;
    }
    return sums;
  }

  /** The connection is new, or changed. */
  note(wire: WireConnection): void {
    if (!this.#lent.has(wire)) {
      if (wire.messages[0]?.message.protocol !== 'tls') return;
      this.#lent.set(wire, this.#begin(wire));
    }
    this.#due.add(wire);
  }

  /** A key was told that was not known before; of which connection, where that is known. */
  keyTold({ clientRandom, connection }: ToldKey): void {
    for (const [wire, lent] of this.#lent) {
      const { name } = lent.connection.decrypted;
      // What another's key opened or did not is settled by its own.
      const isDue = lent.lacksKey || (wire.id === connection && lent.connection.hasBorrowed);
      if (!isDue || (name !== undefined && name !== clientRandom)) continue;
      this.#lent.set(wire, this.#begin(wire));
      if (this.#steps?.wire === wire) this.#steps = undefined;
      this.#due.add(wire);
      for (const message of wire.messages) this.#changed.add(message);
    }
  }

  /** The log dropped the message. */
  drop(message: WireMessage): void {
    this.#lent.get(message.connection)?.connection.forget(message);
    this.#changed.delete(message);
  }

  forget(wire: WireConnection): void {
    this.#lent.delete(wire);
    this.#due.delete(wire);
    if (this.#steps?.wire === wire) this.#steps = undefined;
  }

  /** Opens what there is to open until `isOver` says that the time is up; true when nothing is left. */
  advance(isOver: () => boolean): boolean {
    while (!this.isUpToDate) {
      this.#steps ??= this.#start();
      if (this.#steps?.next.next().done === true) this.#end(this.#steps.wire);
      if (isOver()) return this.isUpToDate;
    }
    return true;
  }

  /** What became of a record since it was sealed; undefined where it never was, or has not been looked at yet. */
  record(message: WireMessage): LentRecord | undefined {
    const connection = this.#lent.get(message.connection)?.connection;
    const record = connection?.record(message);
    return record && connection && lentRecord(record, connection.decrypted);
  }

  dissections(message: WireMessage): readonly Dissection[] {
    return this.#lent.get(message.connection)?.connection.dissections(message) ?? [];
  }

  /** What is inside a record to be found; with so many bytes of what follows that a match may reach into. */
  text(message: WireMessage, beyond: number): LentText | undefined {
    const connection = this.#lent.get(message.connection)?.connection;
    const record = connection?.record(message);
    if (!connection || !record) return undefined;
    const said = lentRecord(record, connection.decrypted);
    if (record.reading.state !== 'opened' || said?.state !== 'opened') return undefined;
    const title = said.detail === undefined ? said.title : `${said.title} ${said.detail}`;
    const { data, direction, reading } = record;
    if (!data) return { title, bytes: reading.content };
    const range = { start: data.start, end: data.end + beyond };
    return { title, bytes: connection.decrypted.bytes(direction, range).bytes };
  }

  /** The records of which something turned out since the last call. */
  takeChanges(): readonly WireMessage[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  #begin(wire: WireConnection): Lent {
    return {
      connection: new LentConnection(wire, this.#keyLog),
      last: {},
      ...{ lacksKey: false, isDone: false, opened: 0, sealed: 0 },
    };
  }

  #start(): { wire: WireConnection; next: Generator<WireMessage, void> } | undefined {
    const [wire] = this.#due;
    const lent = wire && this.#lent.get(wire);
    if (!wire || !lent) {
      if (wire) this.#due.delete(wire);
      return undefined;
    }
    // What comes while it is at work makes it due again.
    this.#due.delete(wire);
    return { wire, next: this.#follow(lent) };
  }

  /** One record a step. */
  *#follow(lent: Lent): Generator<WireMessage, void> {
    for (const message of lent.connection.catchUpByRecord()) {
      this.#took(lent, message);
      yield message;
    }
  }

  #took(lent: Lent, message: WireMessage): void {
    const record = lent.connection.record(message);
    if (!record || record.reading.state === 'clear') return;
    this.#changed.add(message);
    const { reading, direction } = record;
    if (reading.state === 'sealed') {
      lent.sealed += 1;
      if (reading.why === 'no-key' || reading.why === 'no-secret') lent.lacksKey = true;
      return;
    }
    lent.opened += 1;
    if (reading.contentType !== APPLICATION_DATA) return;
    const before = lent.last[direction];
    if (before) this.#changed.add(before);
    lent.last[direction] = message;
  }

  #end(wire: WireConnection): void {
    this.#steps = undefined;
    const lent = this.#lent.get(wire);
    if (!lent || !wire.closed || lent.isDone) return;
    // What lasted until the end is complete only now.
    lent.isDone = true;
    for (const message of Object.values(lent.last)) this.#changed.add(message);
  }
}
