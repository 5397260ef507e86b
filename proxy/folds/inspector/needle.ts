import { utf8 } from '#dissectors/text.ts';

const encoder = new TextEncoder();

// Nobody types more, and the tables grow with it.
const LONGEST = 200;

/**
 * Text to look for whatever its case, in text and in bytes that hold it as UTF-8. A letter matches in both its
 * cases where both take as many bytes, which leaves out a handful of letters such as ß and İ. Or bytes to look for
 * as they are, which are in no text.
 */
export class Needle {
  /** Undefined when bytes are looked for. */
  readonly #lower: string | undefined;
  readonly #bytes: Uint8Array;
  /** The same in the other case, byte by byte. */
  readonly #other: Uint8Array;
  /** How far to move on when the byte under the needle's end is this one (Horspool 1980). */
  readonly #shifts = new Uint32Array(256);
  readonly #isAscii: boolean;

  constructor(wanted: string | Uint8Array) {
    const sought = wanted.slice(0, LONGEST);
    this.#lower = typeof sought === 'string' ? sought.toLowerCase() : undefined;
    const letters = typeof sought === 'string' ? Array.from(sought, bothCases) : [[sought, sought] as const];
    this.#bytes = joined(letters.map(([lower]) => lower));
    this.#other = joined(letters.map(([, upper]) => upper));
    this.#isAscii = this.#bytes.every((byte) => byte < 0x80);
    this.#shifts.fill(this.length);
    for (let at = 0; at < this.length - 1; at++) {
      const shift = this.length - 1 - at;
      this.#shifts[this.#bytes[at] ?? 0] = shift;
      this.#shifts[this.#other[at] ?? 0] = shift;
    }
  }

  /** Bytes that it takes. */
  get length(): number {
    return this.#bytes.length;
  }

  isInText(text: string): boolean {
    return this.#lower !== undefined && text.toLowerCase().includes(this.#lower);
  }

  isInBytes(bytes: Uint8Array): boolean {
    const last = this.length - 1;
    if (last < 0) return true;
    for (let end = last; end < bytes.length; end += this.#shifts[bytes[end] ?? 0] ?? 1) {
      if (this.#matches(bytes, end - last)) return true;
    }
    return false;
  }

  #matches(bytes: Uint8Array, start: number): boolean {
    for (let at = this.length - 1; at >= 0; at--) {
      const byte = bytes[start + at];
      if (byte !== this.#bytes[at] && byte !== this.#other[at]) return false;
    }
    // Half of one case and half of the other may make up a third letter.
    return (
      this.#lower === undefined ||
      this.#isAscii ||
      utf8(bytes, start, start + this.length).toLowerCase() === this.#lower
    );
  }
}

/**
 * The bytes that a text spells in hex: two or more with spaces or colons between them or behind `0x`, four or more
 * without, since shorter ones are words as well. Undefined for any other text.
 */
export function spelledBytes(text: string): Uint8Array | undefined {
  const typed = text.trim();
  const isApart = /^[0-9a-f]{2}([ :]+([0-9a-f]{2})+)+$/i.test(typed) || /^0x([0-9a-f]{2}){2,}$/i.test(typed);
  if (!isApart && !/^([0-9a-f]{2}){4,}$/i.test(typed)) return undefined;
  const digits = typed.replace(/^0x/i, '').replaceAll(/[ :]/g, '');
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function bothCases(letter: string): readonly [Uint8Array, Uint8Array] {
  const typed = encoder.encode(letter);
  const lower = encoder.encode(letter.toLowerCase());
  const upper = encoder.encode(letter.toUpperCase());
  const fits = (bytes: Uint8Array): boolean => bytes.length === typed.length;
  return [fits(lower) ? lower : typed, fits(upper) ? upper : typed];
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}
