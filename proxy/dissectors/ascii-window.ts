import { asciiText, latin1 } from './text.ts';

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
  /** What was cut out last: a text is looked at before it is read, as a rule. */
  #cut = '';
  #cutStart = 0;
  #cutEnd = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** These bytes as text; undefined when not all of them are ASCII, or when they are more than 1 KiB. */
  text(start: number, end: number): string | undefined {
    if (start === this.#cutStart && end === this.#cutEnd) return this.#cut;
    const isOutside = start < this.#start || end > this.#start + this.#text.length;
    if (isOutside && !this.#moveTo(start, end)) return undefined;
    this.#cutStart = start;
    this.#cutEnd = end;
    return (this.#cut = this.#text.slice(start - this.#start, end - this.#start));
  }

  #moveTo(start: number, end: number): boolean {
    const limit = Math.min(this.#bytes.length, start + WINDOW);
    if (end > limit) return false;
    let text = asciiText(this.#bytes, start, limit);
    if (text === undefined) {
      let at = start;
      while ((this.#bytes[at] ?? 0) < 0x80) at++;
      if (at < end) return false;
      text = latin1(this.#bytes, start, at);
    }
    this.#text = text;
    this.#start = start;
    return true;
  }
}
