import { type BitSource, BrokenBrotli } from './bit-source.ts';

// RFC 7932, 4: which of the last four distances a short code means, 0 the newest, and what is added to it.
const SHORT_AGE = [0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1];
const SHORT_ADDED = [0, 0, 0, 0, -1, 1, -2, 2, -3, 3, -1, 1, -2, 2, -3, 3];
const SHORT_CODES = 16;

/** The last four distances, over a whole stream, the newest first. */
export type LastDistances = [number, number, number, number];

/** How the distance codes of one meta-block are meant (RFC 7932, 4). */
export class DistanceCodes {
  readonly alphabet: number;
  readonly #source: BitSource;
  readonly #last: LastDistances;
  readonly #postfixBits: number;
  readonly #direct: number;

  constructor(source: BitSource, last: LastDistances) {
    this.#source = source;
    this.#last = last;
    this.#postfixBits = source.read(2);
    this.#direct = source.read(4) << this.#postfixBits;
    this.alphabet = SHORT_CODES + this.#direct + (48 << this.#postfixBits);
  }

  read(code: number): number {
    if (code >= SHORT_CODES) return this.#long(code - SHORT_CODES);
    const distance = (this.#last[SHORT_AGE[code] ?? 0] ?? 0) + (SHORT_ADDED[code] ?? 0);
    if (distance <= 0) throw new BrokenBrotli('a distance of nothing');
    return distance;
  }

  /** Remembers a distance that was copied from. */
  remember(distance: number): void {
    this.#last.unshift(distance);
    this.#last.pop();
  }

  #long(code: number): number {
    if (code < this.#direct) return code + 1;
    const beyond = code - this.#direct;
    const high = beyond >> this.#postfixBits;
    const low = beyond & ((1 << this.#postfixBits) - 1);
    const bits = 1 + (high >> 1);
    const offset = (2 + (high & 1)) * 2 ** bits - 4 + this.#source.read(bits);
    return offset * 2 ** this.#postfixBits + low + this.#direct + 1;
  }
}
