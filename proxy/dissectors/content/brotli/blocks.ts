import { type BitSource } from './bit-source.ts';
import { type PrefixCode, readPrefixCode } from './prefix-code.ts';
import { BLOCK_COUNTS, type Ranges } from './tables.ts';

/** 1 to 256, in 1 to 11 bits (RFC 7932, 9.2). */
export function readCount(source: BitSource): number {
  if (source.read(1) === 0) return 1;
  const bits = source.read(3);
  return (1 << bits) + source.read(bits) + 1;
}

export function readRanged(source: BitSource, { starts, bits }: Ranges, code: number): number {
  return (starts[code] ?? 0) + source.read(bits[code] ?? 0);
}

/** Which type of block the next element of one kind belongs to (RFC 7932, 6). */
export class BlockSwitch {
  /** How many types there are. */
  readonly types: number;
  readonly #source: BitSource;
  readonly #typeCode: PrefixCode | undefined;
  readonly #countCode: PrefixCode | undefined;
  #type = 0;
  #before = 1;
  #left = Infinity;

  constructor(source: BitSource) {
    this.#source = source;
    this.types = readCount(source);
    if (this.types < 2) return;
    this.#typeCode = readPrefixCode(source, this.types + 2);
    this.#countCode = readPrefixCode(source, BLOCK_COUNTS.starts.length);
    this.#left = this.#readLength();
  }

  next(): number {
    if (this.#left === 0 && this.#typeCode) {
      const code = this.#typeCode.decode(this.#source);
      const type = code === 0 ? this.#before : code === 1 ? (this.#type + 1) % this.types : code - 2;
      this.#before = this.#type;
      this.#type = type;
      this.#left = this.#readLength();
    }
    this.#left--;
    return this.#type;
  }

  #readLength(): number {
    return this.#countCode
      ? readRanged(this.#source, BLOCK_COUNTS, this.#countCode.decode(this.#source))
      : Infinity;
  }
}
