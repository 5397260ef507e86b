import { Refusal } from './alert.ts';

/**
 * Reads a handshake message strictly: what is too short, too long or left over is refused with `decode_error`
 * (RFC 8446, 6). The dissectors read the same bytes leniently, since they explain broken ones too.
 */
export class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Big-endian. */
  uint(size: number): number {
    return this.bytes(size).reduce((value, byte) => value * 256 + byte, 0);
  }

  bytes(count: number): Uint8Array {
    const end = this.#at + count;
    if (end > this.#bytes.length) throw new Refusal('decode_error', 'a message of the site ends too early');
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  /** Bytes behind a length of so many bytes (RFC 8446, 3.4). */
  vector(lengthSize: number): Uint8Array {
    return this.bytes(this.uint(lengthSize));
  }

  /** What such a vector holds, to be read on its own. */
  inside(lengthSize: number): WireReader {
    return new WireReader(this.vector(lengthSize));
  }

  /** Extensions by type, with their length before them (RFC 8446, 4.2). */
  extensions(): ReadonlyMap<number, Uint8Array> {
    const list = this.inside(2);
    const extensions = new Map<number, Uint8Array>();
    while (!list.isAtEnd) {
      const type = list.uint(2);
      if (extensions.has(type)) throw new Refusal('illegal_parameter', `extension ${type} comes twice`);
      extensions.set(type, list.vector(2));
    }
    return extensions;
  }

  /** Nothing may be left. */
  end(): void {
    if (!this.isAtEnd)
      throw new Refusal('decode_error', 'a message of the site is longer than what it holds');
  }
}
