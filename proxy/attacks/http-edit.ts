import type { Message } from '#dissectors/message.ts';
import { joinChunks } from '#dissectors/http1/joined-chunks.ts';
import type { Edit } from './tampering.ts';

interface Field {
  readonly value: string;
  /** The value's place in the message. */
  readonly start: number;
  readonly end: number;
  /** The whole line's, without its line end. */
  readonly lineStart: number;
}

const longestBody = 256 * 1024;

/** An HTTP/1.1 message that is to go on changed: its head stays as it is, but for what the change makes wrong. */
export class HttpEdit {
  readonly #head: string;
  readonly #body: Uint8Array;
  readonly #length: number;

  /** The whole message, and what the dissector says of it. */
  constructor({ http }: Pick<Message, 'http'>, bytes: Uint8Array) {
    const headLength = http?.headLength ?? bytes.length;
    this.#head = latin1(bytes.subarray(0, headLength));
    this.#body = bytes.subarray(headLength);
    this.#length = bytes.length;
  }

  /** What the message says, its chunks put together; undefined where it is compressed, too long or broken. */
  body(): Uint8Array | undefined {
    const coding = this.field('content-encoding')?.value.trim().toLowerCase() ?? 'identity';
    if (coding !== 'identity') return undefined;
    if (!this.#isChunked) return this.#body;
    const { bytes, whole, truncated } = joinChunks(this.#body, longestBody);
    return whole && !truncated ? bytes : undefined;
  }

  /** Puts these bytes in place of `[start, end)` of the body, which is not empty; the head says how long it is now. */
  replace(start: number, end: number, bytes: Uint8Array): readonly Edit[] {
    const body = this.body();
    if (body === undefined || this.#body.length === 0) return [];
    const length = String(body.length - (end - start) + bytes.length);
    const headLength = this.#head.length;
    const chunked = this.field('transfer-encoding');
    if (this.#isChunked && chunked) {
      const whole = Buffer.concat([body.subarray(0, start), bytes, body.subarray(end)]);
      return [
        { start: chunked.lineStart, end: chunked.end, bytes: ascii(`Content-Length: ${length}`) },
        { start: headLength, end: this.#length, bytes: whole },
      ];
    }
    const announced = this.field('content-length');
    // Without one the body ends with the connection, and may be as long as it likes.
    const head =
      announced && announced.value !== length
        ? [{ start: announced.start, end: announced.end, bytes: ascii(length) }]
        : [];
    return [...head, { start: headLength + start, end: headLength + end, bytes }];
  }

  /** Gives a header field another value; nothing where there is no such field, or it says so already. */
  setField(name: string, value: string): readonly Edit[] {
    const field = this.field(name);
    if (field === undefined || field.value === value || field.value === '') return [];
    return [{ start: field.start, end: field.end, bytes: ascii(value) }];
  }

  /** The first field line of this name, in any case (RFC 9110, 5.1). */
  field(name: string): Field | undefined {
    const match = new RegExp(`\\n(${name}:)([^\\r\\n]*)\\r?\\n`, 'i').exec(this.#head);
    if (match === null) return undefined;
    const [, before = '', line = ''] = match;
    // By hand: a pattern that tries each of many blanks for the last one would hold up the relay for seconds.
    let [first, last] = [0, line.length];
    while (isBlank(line[first])) first += 1;
    while (last > first && isBlank(line[last - 1])) last -= 1;
    const value = line.slice(first, last);
    const lineStart = match.index + 1;
    const start = lineStart + before.length + first;
    return { value, start, end: start + value.length, lineStart };
  }

  get #isChunked(): boolean {
    return /\bchunked$/i.test(this.field('transfer-encoding')?.value ?? '');
  }
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}

function ascii(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}
