import { latin1 } from './text.ts';

/** How much is decoded at once. */
const WINDOW = 1024;

/**
 * Decodes a stretch of ASCII at once and cuts texts out of it: that costs next to nothing, while each call of the
 * decoder costs more than what it does.
 */
export class AsciiWindow {
  readonly #bytes: Uint8Array;
  #text = '';
  #start = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** These bytes as text; undefined when not all of them are ASCII, or when they are more than 1 KiB. */
  text(start: number, end: number): string | undefined {
    const isOutside = start < this.#start || end > this.#start + this.#text.length;
    if (isOutside && !this.#moveTo(start, end)) return undefined;
    return this.#text.slice(start - this.#start, end - this.#start);
  }

  #moveTo(start: number, end: number): boolean {
    const limit = Math.min(this.#bytes.length, start + WINDOW);
    if (end > limit) return false;
    let at = start;
    while (at < limit && (this.#bytes[at] ?? 0) < 0x80) at++;
    if (at < end) return false;
    this.#text = latin1(this.#bytes, start, at);
    this.#start = start;
    return true;
  }
}
