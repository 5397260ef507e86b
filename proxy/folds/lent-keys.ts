import type { LogEvent } from '#contract';
import type { Dissection } from '#dissectors/field.ts';
import type { Direction } from '#dissectors/message.ts';
import { DecryptedConnection, type DecryptedRecord } from '#keys/decrypted-connection.ts';
import { decryptedDissections } from '#keys/decrypted-dissections.ts';
import { ConnectionSecrets } from '#keys/connection-secrets.ts';
import { KeyLog } from '#keys/key-log.ts';
import type { WireConnection } from './wire-connection.ts';
import type { WireMessage } from './wire-message.ts';

/**
 * The keys that the ends have told in these events, behind those that are in the key log already; the stranger's folds
 * accept no such events.
 */
export function keysToldIn(events: Iterable<LogEvent>, keyLog = new KeyLog()): KeyLog {
  for (const event of events) if (event.type === 'secrets-logged') keyLog.add(event.line, event.connection);
  return keyLog;
}

// Some ten milliseconds of decryption.
const STEP_BYTES = 256 * 1024;

/** A TLS connection as a tap saw it, with keys lent to it: what its sealed records held. Nothing before `catchUp`. */
export class LentConnection {
  readonly decrypted: DecryptedConnection;
  readonly #wire: WireConnection;
  readonly #secrets: ConnectionSecrets;
  readonly #records = new Map<WireMessage, DecryptedRecord>();
  readonly #taken: Record<Direction, number> = { 'client-to-server': 0, 'server-to-client': 0 };
  /** Messages before this place in the order of the capture have been taken. */
  #resume = 0;
  #bytes = 0;
  #closed = false;

  constructor(wire: WireConnection, keyLog: KeyLog) {
    this.#wire = wire;
    this.#secrets = new ConnectionSecrets(keyLog, wire.id);
    this.decrypted = new DecryptedConnection(this.#secrets);
  }

  /** A secret of another connection with its client random was tried, for want of one of its own. */
  get hasBorrowed(): boolean {
    return this.#secrets.hasBorrowed;
  }

  /** Bytes of the connection that were looked at. */
  get taken(): number {
    return this.#bytes;
  }

  /** What became of a record; undefined for one that is still arriving. */
  record(message: WireMessage): DecryptedRecord | undefined {
    return this.#records.get(message);
  }

  /** What a lent key shows of one record, in the order in which it is read. */
  dissections(message: WireMessage): readonly Dissection[] {
    const record = this.#records.get(message);
    return record ? decryptedDissections(record, this.decrypted) : [];
  }

  /** Takes the records that have arrived since. */
  catchUp(): void {
    const steps = this.catchUpByRecord();
    while (steps.next().done !== true);
  }

  /** The same in short steps, for whoever has other things to do in between. */
  *catchUpInSteps(): Generator<undefined, void> {
    let told = this.#bytes;
    for (const steps = this.catchUpByRecord(); steps.next().done !== true;) {
      if (this.#bytes - told < STEP_BYTES) continue;
      told = this.#bytes;
      yield;
    }
  }

  /** The same record by record, for whoever has other things to do in between. */
  *catchUpByRecord(): Generator<WireMessage, void> {
    const waiting = { 'client-to-server': false, 'server-to-client': false };
    // A list of its own: what is dropped meanwhile replaces the connection's.
    const { messages } = this.#wire;
    let firstWaiting: number | undefined;
    for (let index = placeOf(messages, this.#resume); index < messages.length; index++) {
      const tracked = messages[index];
      if (!tracked) break;
      const { direction, start, complete } = tracked.message;
      if (start < this.#taken[direction]) continue;
      if (waiting[direction] || (!complete && !this.#wire.closed)) {
        waiting[direction] = true;
        firstWaiting ??= tracked.order;
        continue;
      }
      this.#take(tracked);
      this.#resume = firstWaiting ?? tracked.order + 1;
      yield tracked;
    }
    if (!this.#wire.closed || this.#closed) return;
    this.#closed = true;
    this.decrypted.close();
  }

  /** The log dropped the record, and what is before it in its direction. */
  forget(message: WireMessage): void {
    const record = this.#records.get(message);
    this.#records.delete(message);
    if (record?.data) this.decrypted.forget(record.direction, record.data.end);
  }

  #take(tracked: WireMessage): void {
    const { direction, start, end, protocol, time } = tracked.message;
    if (start > this.#taken[direction]) this.decrypted.lose(direction);
    this.#taken[direction] = end;
    this.#bytes += end - start;
    const slice = this.#wire.slice({ direction, start, end });
    if (protocol !== 'tls' || slice.start !== start) this.decrypted.lose(direction);
    else this.#records.set(tracked, this.decrypted.push(direction, slice.bytes, time));
  }
}

/** The place of the first message from this order on; they lie by rising order. */
function placeOf(messages: readonly WireMessage[], order: number): number {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((messages[middle]?.order ?? 0) < order) low = middle + 1;
    else high = middle;
  }
  return low;
}
