import type { ConnectionId, Direction, LogEvent } from '#contract';
import { handshakeName } from '#dissectors/tls/names.ts';
import { ALERT, RECORD_HEADER } from '#dissectors/tls/record.ts';
import { DecryptedConnection } from '#keys/decrypted-connection.ts';
import { FINISHED } from '#keys/handshake-types.ts';
import { KeyLog } from '#keys/key-log.ts';
import type { RecordReading } from '#keys/reading.ts';

/** A handshake message of a connection: whether it crossed in clear, else opened with the victim's key log. */
export interface CapturedHandshake {
  readonly name: string;
  readonly direction: Direction;
  /** With its header of 4 bytes, without that of the record. */
  readonly bytes: Uint8Array;
  readonly isClear: boolean;
}

/** A record as it was captured, and what the victim's key log makes of it. */
export interface CapturedRecord {
  readonly direction: Direction;
  /** With its header. */
  readonly length: number;
  readonly reading: RecordReading;
}

type Ways<Value> = Readonly<Record<Direction, Value>>;

const CLOSE_NOTIFY = 0;

/** One TLS connection as the log has it: everything here is counted from captured bytes and told key log lines. */
export class CapturedConnection {
  readonly id: ConnectionId;
  /** All of the log that is about it, in order. */
  readonly events: readonly LogEvent[];
  readonly handshakes: readonly CapturedHandshake[];
  readonly records: readonly CapturedRecord[];

  /** `events`: the log, whole. */
  constructor(id: ConnectionId, events: Iterable<LogEvent>) {
    this.id = id;
    this.events = [...events].filter((event) => 'connection' in event && event.connection === id);
    this.records = this.#read();
    this.handshakes = this.records.flatMap(({ direction, reading }) =>
      reading.state === 'sealed'
        ? []
        : reading.handshake.map(({ bytes }) => {
            const name = handshakeName(bytes[0] ?? 0);
            return { name, direction, bytes, isClear: reading.state === 'clear' };
          }),
    );
  }

  /** Every byte that was captured, of both directions. */
  get bytes(): number {
    return this.events.reduce(
      (sum, event) => sum + (event.type === 'bytes-captured' ? event.bytes.length : 0),
      0,
    );
  }

  /**
   * Bytes from the first up to the end of the record with the Finished, record headers included: in each direction
   * what the handshake cost. In TLS 1.3 the server's is one flight, and tickets come after it.
   */
  get handshakeBytes(): Ways<number> {
    return {
      'client-to-server': this.#untilFinished('client-to-server'),
      'server-to-client': this.#untilFinished('server-to-client'),
    };
  }

  /** Lines of the key log that an end told of it, by label. */
  secrets(
    teller: 'victim' | 'site',
  ): ReadonlyMap<string, { readonly random: string; readonly secret: string }> {
    const lines = this.events.flatMap((event) =>
      event.type === 'secrets-logged' && event.vantage === teller ? [event.line.split(' ')] : [],
    );
    return new Map(lines.map(([label = '', random = '', secret = '']) => [label, { random, secret }]));
  }

  /** Both ends told the same secrets, and at least one. */
  get endsAgree(): boolean {
    const [victim, site] = [this.secrets('victim'), this.secrets('site')];
    return (
      victim.size > 0 &&
      victim.size === site.size &&
      [...victim].every(([label, { random, secret }]) => {
        const other = site.get(label);
        return other?.random === random && other.secret === secret;
      })
    );
  }

  /** How many records the ends sealed, and how many of them the key log opens, every tag verified. */
  get opened(): { readonly sealed: number; readonly opened: number } {
    const closed = this.records.filter(({ reading }) => reading.state !== 'clear');
    return {
      sealed: closed.length,
      opened: closed.filter(({ reading }) => reading.state === 'opened').length,
    };
  }

  /** Whether this direction ended with the alert close_notify (RFC 8446, 6.1). */
  saidGoodbye(from: Direction): boolean {
    const last = this.records.findLast(({ direction }) => direction === from)?.reading;
    return last?.state === 'opened' && last.contentType === ALERT && last.content[1] === CLOSE_NOTIFY;
  }

  /** How the log says that it ended. */
  get ending(): Extract<LogEvent, { type: 'connection-closed' }> | undefined {
    return this.events.findLast((event) => event.type === 'connection-closed');
  }

  has(name: string): boolean {
    return this.handshakes.some((message) => message.name === name);
  }

  message(name: string): CapturedHandshake | undefined {
    return this.handshakes.find((message) => message.name === name);
  }

  #untilFinished(from: Direction): number {
    let sum = 0;
    for (const { direction, length, reading } of this.records) {
      if (direction !== from) continue;
      sum += length;
      if (reading.state !== 'sealed' && reading.handshake.some(({ bytes }) => bytes[0] === FINISHED))
        return sum;
    }
    return sum;
  }

  #read(): readonly CapturedRecord[] {
    const keyLog = new KeyLog();
    for (const event of this.events)
      if (event.type === 'secrets-logged' && event.vantage === 'victim') keyLog.add(event.line);
    const connection = new DecryptedConnection(keyLog);
    const waiting: Record<Direction, Uint8Array> = {
      'client-to-server': new Uint8Array(0),
      'server-to-client': new Uint8Array(0),
    };
    const records: CapturedRecord[] = [];
    for (const event of this.events) {
      if (event.type !== 'bytes-captured') continue;
      const { direction } = event;
      let rest = Buffer.concat([waiting[direction], event.bytes]);
      while (rest.length >= RECORD_HEADER && rest.length >= lengthOf(rest)) {
        const record = new Uint8Array(rest.subarray(0, lengthOf(rest)));
        const { reading } = connection.push(direction, record, event.time);
        records.push({ direction, length: record.length, reading });
        rest = rest.subarray(record.length);
      }
      waiting[direction] = rest;
    }
    return records;
  }
}

function lengthOf(record: Buffer): number {
  return RECORD_HEADER + record.readUInt16BE(3);
}
