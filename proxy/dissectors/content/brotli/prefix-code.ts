import { type BitSource, BrokenBrotli } from './bit-source.ts';

const LONGEST_CODE = 15;
// A code costs far more time than the two bytes that describe the shortest; text of 1 MiB has some hundreds.
const MOST_CODES = 100_000;
// RFC 7932, 3.5: in which order the lengths of the code for lengths come.
const LENGTH_ORDER = [1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15];
// RFC 7932, 3.4: the lengths of up to four symbols that are named one by one.
const SIMPLE_LENGTHS = [[0], [1, 1], [1, 2, 2], [2, 2, 2, 2]];

/** A canonical prefix code (RFC 7932, 3.2). */
export class PrefixCode {
  readonly #counts = new Uint16Array(LONGEST_CODE + 1);
  /** By length, then by value. */
  readonly #symbols: Uint16Array;

  /** Lengths by symbol, 0 for those that do not occur; a single symbol takes no bits at all. */
  constructor(lengths: ArrayLike<number>) {
    for (let symbol = 0; symbol < lengths.length; symbol++) increment(this.#counts, lengths[symbol] ?? 0);
    this.#counts[0] = 0;
    const starts = new Uint16Array(LONGEST_CODE + 2);
    for (let length = 1; length <= LONGEST_CODE; length++)
      starts[length + 1] = (starts[length] ?? 0) + (this.#counts[length] ?? 0);
    this.#symbols = new Uint16Array(starts[LONGEST_CODE + 1] ?? 0);
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      const length = lengths[symbol] ?? 0;
      if (length !== 0) this.#symbols[increment(starts, length)] = symbol;
    }
  }

  decode(source: BitSource): number {
    if (this.#symbols.length === 1) return this.#symbols[0] ?? 0;
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= LONGEST_CODE; length++) {
      code |= source.read(1);
      const count = this.#counts[length] ?? 0;
      if (code - first < count) return this.#symbols[index + code - first] ?? 0;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new BrokenBrotli('a code that stands for nothing');
  }
}

/** Returns what it was before. */
function increment(numbers: Uint16Array, index: number): number {
  const before = numbers[index] ?? 0;
  numbers[index] = before + 1;
  return before;
}

/** Reads the description of a prefix code over so many symbols (RFC 7932, 3.4 and 3.5). */
export function readPrefixCode(source: BitSource, alphabet: number): PrefixCode {
  if (++source.codes > MOST_CODES) throw new BrokenBrotli('more codes than anybody sends');
  const skipped = source.read(2);
  return skipped === 1 ? readSimple(source, alphabet) : readComplex(source, alphabet, skipped);
}

function readSimple(source: BitSource, alphabet: number): PrefixCode {
  const count = source.read(2) + 1;
  const size = 32 - Math.clz32(alphabet - 1);
  const lengths = new Uint8Array(alphabet);
  const symbols: number[] = [];
  for (let index = 0; index < count; index++) {
    const symbol = source.read(size);
    if (symbol >= alphabet || symbols.includes(symbol)) throw new BrokenBrotli('a symbol that cannot be');
    symbols.push(symbol);
  }
  const skewed = count === 4 && source.read(1) === 1;
  const wanted = skewed ? [1, 2, 3, 3] : SIMPLE_LENGTHS[count - 1];
  symbols.forEach((symbol, index) => (lengths[symbol] = Math.max(1, wanted?.[index] ?? 1)));
  return new PrefixCode(lengths);
}

function readComplex(source: BitSource, alphabet: number, skipped: number): PrefixCode {
  const code = new PrefixCode(readCodeLengths(source, skipped));
  const lengths = new Uint8Array(alphabet);
  let symbol = 0;
  let space = 32_768;
  let previous = 8;
  let repeat = 0;
  let repeated = 0;
  while (symbol < alphabet && space > 0) {
    const length = code.decode(source);
    if (length < 16) {
      repeat = 0;
      lengths[symbol++] = length;
      if (length !== 0) {
        previous = length;
        space -= 32_768 >> length;
      }
      continue;
    }
    const wanted = length === 16 ? previous : 0;
    if (repeated !== wanted) repeat = 0;
    repeated = wanted;
    const before = repeat;
    if (repeat > 0) repeat = (repeat - 2) << (length - 14);
    repeat += source.read(length - 14) + 3;
    const run = repeat - before;
    if (symbol + run > alphabet) throw new BrokenBrotli('more code lengths than symbols');
    lengths.fill(repeated, symbol, symbol + run);
    symbol += run;
    if (repeated !== 0) space -= run << (15 - repeated);
  }
  if (space !== 0) throw new BrokenBrotli('code lengths that make no code');
  return new PrefixCode(lengths);
}

function readCodeLengths(source: BitSource, skipped: number): Uint8Array {
  const lengths = new Uint8Array(LENGTH_ORDER.length);
  let space = 32;
  let used = 0;
  for (const symbol of LENGTH_ORDER.slice(skipped)) {
    if (space <= 0) break;
    const length = readCodeLength(source);
    lengths[symbol] = length;
    if (length === 0) continue;
    space -= 32 >> length;
    used++;
  }
  if (used !== 1 && space !== 0) throw new BrokenBrotli('code lengths that make no code');
  return lengths;
}

/** A length of 0 to 5 in a fixed code of its own (RFC 7932, 3.5). */
function readCodeLength(source: BitSource): number {
  const start = source.read(2);
  if (start !== 3) return [0, 4, 3][start] ?? 0;
  if (source.read(1) === 0) return 2;
  return source.read(1) === 0 ? 1 : 5;
}
