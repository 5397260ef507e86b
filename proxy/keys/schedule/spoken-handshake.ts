import type { ByteRange } from '#dissectors/field.ts';
import type { Direction } from '#dissectors/message.ts';
import { HANDSHAKE, RECORD_HEADER } from '#dissectors/tls/record.ts';
import { ConnectionDecryption } from '../decrypt.ts';
import type { LoggedSecrets } from '../key-log.ts';
import { suiteOf } from '../suite.ts';
import { Transcript } from '../transcript.ts';

/** One handshake message as it was said, in clear or opened with a key. */
export interface SpokenMessage {
  readonly type: number;
  readonly direction: Direction;
  /** Header included. */
  readonly bytes: Uint8Array;
  readonly wasSealed: boolean;
  /**
   * Transcript-Hash of all messages up to this one, this one included (RFC 8446, 4.4.1). Undefined where one of
   * them is missing, and before the suite is known.
   */
  readonly transcript?: Uint8Array;
  /**
   * Where a range of its bytes lies in the stream of its direction: one stretch for each record it came in. Of a
   * message that was sealed no byte has a place of its own, so these are its whole records.
   */
  places(range?: ByteRange): readonly ByteRange[];
}

/** A stretch of the handshake's content, and the record it came in. */
interface Stretch {
  readonly content: ByteRange;
  /** Position of the content's first byte in the stream; of what was sealed the record's. */
  readonly record: ByteRange;
  readonly wasSealed: boolean;
}

interface Side {
  /** Of all handshake content of this direction, so much has come, and so much made up whole messages. */
  content: number;
  ended: number;
  stretches: Stretch[];
  isBroken: boolean;
}

const TLS_1_3 = 0x0304;

/**
 * The first handshake of a connection, message by message, with the transcript hash after each. What stays sealed
 * under the given key log is not among them, and nothing that came after it in its direction.
 */
export class SpokenHandshake {
  readonly #decryption: ConnectionDecryption;
  readonly #transcript = new Transcript();
  readonly #messages: SpokenMessage[] = [];
  readonly #sides: Readonly<Record<Direction, Side>> = {
    'client-to-server': { content: 0, ended: 0, stretches: [], isBroken: false },
    'server-to-client': { content: 0, ended: 0, stretches: [], isBroken: false },
  };
  #isBroken = false;

  constructor(keyLog: LoggedSecrets) {
    this.#decryption = new ConnectionDecryption(keyLog);
  }

  get messages(): readonly SpokenMessage[] {
    return this.#messages;
  }

  /** Nothing can be added any more: both ends have said Finished, or what either says is sealed. */
  get isOver(): boolean {
    return this.#transcript.isOver || Object.values(this.#sides).every(({ isBroken }) => isBroken);
  }

  /** Takes the next record, header included, from this position of its direction; directions in the order of capture. */
  push(direction: Direction, start: number, record: Uint8Array): void {
    const side = this.#sides[direction];
    if (this.isOver) return;
    const reading = this.#decryption.push(direction, record);
    if (reading.state === 'sealed') {
      this.#lose(side);
      return;
    }
    if (reading.contentType !== HANDSHAKE || side.isBroken) return;
    const wasSealed = reading.state === 'opened';
    const end = side.content + reading.content.length;
    side.stretches.push({
      content: { start: side.content, end },
      record: { start, end: start + record.length },
      wasSealed,
    });
    side.content = end;
    for (const { bytes } of reading.handshake) this.#take(direction, side, bytes, wasSealed);
  }

  /** Records of this direction may be missing before the next one. */
  lose(direction: Direction): void {
    this.#decryption.lose(direction);
    this.#lose(this.#sides[direction]);
  }

  #take(direction: Direction, side: Side, bytes: Uint8Array, wasSealed: boolean): void {
    if (this.isOver) return;
    const start = side.ended;
    side.ended += bytes.length;
    const stretches = side.stretches.filter(
      ({ content }) => content.end > start && content.start < side.ended,
    );
    const { version, cipherSuite } = this.#decryption.agreed ?? {};
    this.#transcript.add(bytes, { is13: version === TLS_1_3, cipherSuite });
    const suite = cipherSuite === undefined ? undefined : suiteOf(cipherSuite);
    const transcript = suite && !this.#isBroken ? this.#transcript.hashed(suite.hash) : undefined;
    this.#messages.push({
      type: bytes[0] ?? 0,
      direction,
      bytes,
      wasSealed,
      ...(transcript && { transcript }),
      places: (range = { start: 0, end: bytes.length }) =>
        placesOf(stretches, { start: start + range.start, end: start + range.end }),
    });
  }

  #lose(side: Side): void {
    side.isBroken = true;
    this.#isBroken = true;
    this.#transcript.lose();
  }
}

function placesOf(stretches: readonly Stretch[], wanted: ByteRange): readonly ByteRange[] {
  return stretches.flatMap(({ content, record, wasSealed }) => {
    const from = Math.max(content.start, wanted.start);
    const to = Math.min(content.end, wanted.end);
    if (from >= to) return [];
    if (wasSealed) return [record];
    const first = record.start + RECORD_HEADER - content.start;
    return [{ start: first + from, end: first + to }];
  });
}
