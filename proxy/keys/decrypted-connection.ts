import { ConnectionDissector } from '#dissectors/connection.ts';
import type { ByteRange } from '#dissectors/field.ts';
import type { Direction, Message } from '#dissectors/message.ts';
import type { HandshakeContext } from '#dissectors/tls/handshake-context.ts';
import { APPLICATION_DATA } from '#dissectors/tls/record.ts';
import { ConnectionDecryption } from './decrypt.ts';
import type { LoggedSecrets } from './key-log.ts';
import { PlainStream } from './plain-stream.ts';
import type { RecordReading } from './reading.ts';

/** A record, what became of it, and where its application data lies in the decrypted stream. */
export interface DecryptedRecord {
  readonly direction: Direction;
  readonly reading: RecordReading;
  /** What its handshake messages are to be read by. */
  readonly context: HandshakeContext;
  /** Half-open range in the decrypted stream of this direction; only of application data. */
  readonly data?: ByteRange;
}

// The smallest part of a sealed record that is not content: the type inside and a short tag, or a tag alone.
const LEAST_OVERHEAD = 17;

/**
 * What a key log makes readable of one TLS connection: its records one by one, and the messages of the data
 * inside. Messages index the decrypted stream of their direction, which was never on the wire. A key that comes
 * later opens what comes after it; for what was before, push the records into a new one.
 */
export class DecryptedConnection {
  readonly #decryption: ConnectionDecryption;
  readonly #dissector = new ConnectionDissector();
  readonly #streams: Readonly<Record<Direction, PlainStream>> = {
    'client-to-server': new PlainStream(),
    'server-to-client': new PlainStream(),
  };
  readonly #messages = new Set<Message>();
  readonly #byDirection: Readonly<Record<Direction, Message[]>> = {
    'client-to-server': [],
    'server-to-client': [],
  };

  constructor(keyLog: LoggedSecrets) {
    this.#decryption = new ConnectionDecryption(keyLog);
  }

  /** The client random in hex; unknown until the ClientHello. */
  get name(): string | undefined {
    return this.#decryption.name;
  }

  /** Whether the key log has anything of this connection; undefined until the ClientHello. */
  get hasKeys(): boolean | undefined {
    return this.#decryption.hasKeys;
  }

  /** In the order in which they began. */
  get messages(): Iterable<Message> {
    return this.#messages;
  }

  /**
   * Takes the next record of a direction as it was on the wire, header included, directions in the order of
   * capture; `time` is when it arrived, in nanoseconds since the epoch began.
   */
  push(direction: Direction, record: Uint8Array, time = 0): DecryptedRecord {
    const reading = this.#decryption.push(direction, record);
    const context = { ...this.#decryption.agreed, from: direction };
    const stream = this.#streams[direction];
    const start = stream.end;
    if (reading.state === 'sealed') {
      // How much of it is padding nobody can tell without the key.
      if (record[0] === APPLICATION_DATA && start > 0)
        stream.skip(Math.max(1, record.length - 5 - LEAST_OVERHEAD));
      return { direction, reading, context };
    }
    if (reading.state === 'clear' || reading.contentType !== APPLICATION_DATA)
      return { direction, reading, context };
    stream.append(reading.content);
    this.#track(this.#dissector.push(direction, start, reading.content, time));
    return { direction, reading, context, data: { start, end: stream.end } };
  }

  /** Records of this direction may be missing before the next one. */
  lose(direction: Direction): void {
    this.#decryption.lose(direction);
    const stream = this.#streams[direction];
    if (stream.end > 0) stream.skip(1);
  }

  /** The connection has ended; what lasts until then is complete now. */
  close(): void {
    this.#track(this.#dissector.close());
  }

  /** Decrypted bytes of a direction, up to the first that stayed sealed; `records` is how many they came in. */
  bytes(direction: Direction, range: ByteRange): { readonly bytes: Uint8Array; readonly records: number } {
    const { bytes, pieces } = this.#streams[direction].slice(range.start, range.end);
    return { bytes, records: pieces };
  }

  /** Lets go of what lies before this position of a direction's decrypted stream. */
  forget(direction: Direction, before: number): void {
    this.#streams[direction].forget(before);
    const messages = this.#byDirection[direction];
    let gone = 0;
    while ((messages[gone]?.end ?? Infinity) <= before && messages[gone]?.complete === true) gone++;
    for (const message of messages.splice(0, gone)) this.#messages.delete(message);
  }

  /** The messages of a direction that have bytes in this range, in their order. */
  messagesIn(direction: Direction, range: ByteRange): readonly Message[] {
    const messages = this.#byDirection[direction];
    let low = 0;
    let high = messages.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((messages[middle]?.end ?? 0) <= range.start) low = middle + 1;
      else high = middle;
    }
    let end = low;
    while ((messages[end]?.start ?? range.end) < range.end) end++;
    return messages.slice(low, end);
  }

  #track(messages: readonly Message[]): void {
    for (const message of messages) {
      if (this.#messages.has(message)) continue;
      this.#messages.add(message);
      this.#byDirection[message.direction].push(message);
    }
  }
}
