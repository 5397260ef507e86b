import type { NeedleEncoding } from '#contract';
import { needlePatterns, type Pattern } from './needles.ts';

/** One place where a needle was found. */
export interface Found {
  readonly start: number;
  readonly end: number;
  readonly encoding: NeedleEncoding;
}

/** A needle made ready for searching; one for all streams. */
export class Needle {
  readonly value: string;
  readonly patterns: readonly Pattern[];
  /** By byte: the patterns that can begin with it. Most bytes begin none, and are passed over by a look in here. */
  readonly beginning: readonly (readonly Pattern[] | undefined)[];

  constructor(value: string) {
    this.value = value;
    this.patterns = needlePatterns(value);
    this.beginning = Array.from({ length: 256 }, (_, byte) => {
      const patterns = this.patterns.filter((pattern) => pattern.begins(byte));
      return patterns.length > 0 ? patterns : undefined;
    });
  }

  get searchable(): boolean {
    return this.patterns.length > 0;
  }
}

/**
 * Looks for one needle in one direction of one connection, chunk by chunk. Finds it across chunk borders by
 * keeping the few bytes that could be its beginning. Overlapping places count once.
 */
export class NeedleSearch {
  readonly #needle: Needle;
  #carry: Uint8Array = new Uint8Array(0);
  #position = 0;
  #lastEnd = 0;
  #searched = 0;
  readonly #onfound: (place: Found) => void;
  #found = 0;

  /** `onfound` is told of every place, in order; none is kept here. */
  constructor(needle: Needle, onfound: (place: Found) => void) {
    this.#needle = needle;
    this.#onfound = onfound;
  }

  /** How many places there were. */
  get found(): number {
    return this.#found;
  }

  get searchedBytes(): number {
    return this.#searched;
  }

  /** Takes a chunk; a gap before it ends what could have been a beginning, and bytes seen before are passed over. */
  push(at: number, bytes: Uint8Array): void {
    if (!this.#needle.searchable || at + bytes.length <= this.#position) return;
    const offset = Math.max(at, this.#position);
    this.#take(offset, bytes.subarray(offset - at));
  }

  #take(offset: number, chunk: Uint8Array): void {
    if (offset !== this.#position) this.#carry = new Uint8Array(0);
    const bytes = this.#carry.length === 0 ? chunk : joined(this.#carry, chunk);
    const start = offset - this.#carry.length;
    this.#position = offset + chunk.length;
    this.#searched += chunk.length;
    const stopped = this.#search(bytes, start);
    // Copied, so that a few bytes do not keep a large chunk alive.
    this.#carry = stopped < bytes.length ? bytes.slice(stopped) : new Uint8Array(0);
  }

  /** Returns the index from which on more bytes are needed. */
  #search(bytes: Uint8Array, start: number): number {
    const { beginning } = this.#needle;
    // What overlaps the last place counts with it.
    for (let at = Math.max(0, this.#lastEnd - start); at < bytes.length; at++) {
      const patterns = beginning[bytes[at] ?? 0];
      if (!patterns) continue;
      const match = matchAt(patterns, bytes, at);
      if (match === 'need-more') return at;
      if (match === undefined) continue;
      this.#lastEnd = start + match.end;
      this.#found += 1;
      this.#onfound({ start: start + at, end: this.#lastEnd, encoding: match.encoding });
      at = match.end - 1;
    }
    return bytes.length;
  }
}

function matchAt(
  patterns: readonly Pattern[],
  bytes: Uint8Array,
  at: number,
): { end: number; encoding: NeedleEncoding } | 'need-more' | undefined {
  let waiting = false;
  for (const pattern of patterns) {
    const match = pattern.match(bytes, at);
    if (match === 'need-more') waiting = true;
    else if (match !== 'no') return { end: match, encoding: pattern.encoding };
  }
  return waiting ? 'need-more' : undefined;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
