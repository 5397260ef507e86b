import type { NeedleEncoding } from '#contract';

export const NEEDLE_ENCODINGS: readonly NeedleEncoding[] = ['plain', 'url', 'base64', 'hex'];

// A shorter one turns up in random bytes by chance, and then "found" would mean nothing.
export const SHORTEST_NEEDLE = 4;
// What a person types is shorter; a bound keeps the search linear.
const LONGEST_NEEDLE = 256;
const encoder = new TextEncoder();

/** What a pattern says about bytes that begin at a place: where it ends, `no`, or that the bytes ended first. */
export type Match = number | 'no' | 'need-more';

/** One way in which a needle can be written. */
export interface Pattern {
  readonly encoding: NeedleEncoding;
  /** Which bytes it can begin with. */
  begins(byte: number): boolean;
  match(bytes: Uint8Array, at: number): Match;
}

/** Every way of writing a needle that is searched for; none when it is too short to mean anything. */
export function needlePatterns(needle: string): readonly Pattern[] {
  const bytes = encoder.encode(needle).subarray(0, LONGEST_NEEDLE);
  if (bytes.length < SHORTEST_NEEDLE) return [];
  // Quotes and backslashes travel with a backslash before them in JSON, and are as readable there.
  const inJson = encoder.encode(JSON.stringify(needle).slice(1, -1)).subarray(0, LONGEST_NEEDLE);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const base64 = [0, 1, 2].flatMap((alignment) => {
    const text = base64Core(bytes, alignment);
    const safe = text.replaceAll('+', '-').replaceAll('/', '_');
    return safe === text ? [text] : [text, safe];
  });
  return [
    new ExactPattern('plain', bytes),
    ...(inJson.length > bytes.length ? [new ExactPattern('plain', inJson)] : []),
    new UrlPattern(bytes),
    ...base64.map((text) => new ExactPattern('base64', encoder.encode(text))),
    new ExactPattern('hex', encoder.encode(hex), encoder.encode(hex.toUpperCase())),
  ];
}

/** Fixed bytes, each of which may also be the one of `others` at its place. */
class ExactPattern implements Pattern {
  readonly encoding: NeedleEncoding;
  readonly #codes: Uint8Array;
  readonly #others: Uint8Array;

  constructor(encoding: NeedleEncoding, codes: Uint8Array, others = codes) {
    this.encoding = encoding;
    this.#codes = codes;
    this.#others = others;
  }

  begins(byte: number): boolean {
    return byte === this.#codes[0] || byte === this.#others[0];
  }

  match(bytes: Uint8Array, at: number): Match {
    for (let index = 0; index < this.#codes.length; index++) {
      const byte = bytes[at + index];
      if (byte === undefined) return 'need-more';
      if (byte !== this.#codes[index] && byte !== this.#others[index]) return 'no';
    }
    return at + this.#codes.length;
  }
}

const PERCENT = 0x25;
const PLUS = 0x2b;
const SPACE = 0x20;

/** With any of its bytes percent-encoded, in either case, and `+` for a space (WHATWG URL, 5). */
class UrlPattern implements Pattern {
  readonly encoding = 'url';
  readonly #needle: Uint8Array;

  constructor(needle: Uint8Array) {
    this.#needle = needle;
  }

  begins(byte: number): boolean {
    return byte === this.#needle[0] || byte === PERCENT || (byte === PLUS && this.#needle[0] === SPACE);
  }

  match(bytes: Uint8Array, at: number): Match {
    let position = at;
    for (const wanted of this.#needle) {
      const byte = bytes[position];
      if (byte === undefined) return 'need-more';
      const encoded = byte === PERCENT ? percentEncoded(bytes, position, wanted) : 'no';
      if (encoded === 'need-more') return encoded;
      if (encoded !== 'no') position = encoded;
      else if (byte === wanted || (byte === PLUS && wanted === SPACE)) position++;
      else return 'no';
    }
    return position;
  }
}

function percentEncoded(bytes: Uint8Array, at: number, wanted: number): Match {
  for (const [index, digit] of [wanted >> 4, wanted & 15].entries()) {
    const byte = bytes[at + 1 + index];
    if (byte === undefined) return 'need-more';
    const lower = byte >= 0x41 && byte <= 0x46 ? byte + 32 : byte;
    if (lower !== digit.toString(16).charCodeAt(0)) return 'no';
  }
  return at + 3;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * The characters that base64 of any text holds when the needle begins at this place within a group of three
 * bytes: those that its neighbours have a part in are left out (RFC 4648, 4).
 */
function base64Core(bytes: Uint8Array, alignment: number): string {
  let text = '';
  const firstBit = alignment * 8;
  const lastBit = firstBit + bytes.length * 8;
  for (let bit = Math.ceil(firstBit / 6) * 6; bit + 6 <= lastBit; bit += 6) {
    const from = bit - firstBit;
    const pair = (bytes[from >> 3] ?? 0) * 256 + (bytes[(from >> 3) + 1] ?? 0);
    text += ALPHABET[(pair >> (10 - (from & 7))) & 63] ?? '';
  }
  return text;
}
