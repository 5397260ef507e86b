import type { LogEvent } from '#contract';
import type { Dissection } from '#dissectors/field.ts';
import type { Direction } from '#dissectors/message.ts';
import { DecryptedConnection, type DecryptedRecord } from '#keys/decrypted-connection.ts';
import { decryptedDissections } from '#keys/decrypted-dissections.ts';
import { KeyLog } from '#keys/key-log.ts';
import type { WireConnection } from './wire-connection.ts';
import type { WireMessage } from './wire-message.ts';

/** The keys that the ends have told in these events; the stranger's folds accept no such events. */
export function keysToldIn(events: Iterable<LogEvent>): KeyLog {
  const keyLog = new KeyLog();
  for (const event of events) if (event.type === 'secrets-logged') keyLog.add(event.line);
  return keyLog;
}

// Some ten milliseconds of decryption.
const STEP_BYTES = 256 * 1024;

/** A TLS connection as a tap saw it, with keys lent to it: what its sealed records held. Nothing before `catchUp`. */
export class LentConnection {
  readonly decrypted: DecryptedConnection;
  readonly #wire: WireConnection;
  readonly #records = new Map<WireMessage, DecryptedRecord>();
  readonly #taken: Record<Direction, number> = { 'client-to-server': 0, 'server-to-client': 0 };
  #closed = false;

  constructor(wire: WireConnection, keyLog: KeyLog) {
    this.#wire = wire;
    this.decrypted = new DecryptedConnection(keyLog);
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
    const steps = this.catchUpInSteps();
    while (steps.next().done !== true);
  }

  /** The same in short steps, for whoever has other things to do in between. */
  *catchUpInSteps(): Generator<undefined, void> {
    const waiting = { 'client-to-server': false, 'server-to-client': false };
    let bytes = 0;
    for (const tracked of this.#wire.messages) {
      const { message } = tracked;
      const { direction, start, end } = message;
      if (waiting[direction] || start < this.#taken[direction]) continue;
      if (!message.complete && !this.#wire.closed) {
        waiting[direction] = true;
        continue;
      }
      this.#take(tracked);
      bytes += end - start;
      if (bytes < STEP_BYTES) continue;
      bytes = 0;
      yield;
    }
    if (!this.#wire.closed || this.#closed) return;
    this.#closed = true;
    this.decrypted.close();
  }

  #take(tracked: WireMessage): void {
    const { direction, start, end, protocol, time } = tracked.message;
    if (start > this.#taken[direction]) this.decrypted.lose(direction);
    this.#taken[direction] = end;
    const slice = this.#wire.slice({ direction, start, end });
    if (protocol !== 'tls' || slice.start !== start) this.decrypted.lose(direction);
    else this.#records.set(tracked, this.decrypted.push(direction, slice.bytes, time));
  }
}
