/** Raised and caught inside this room only: the data is broken, or stops. */
export class BrokenBrotli extends Error {}

/** The bits of a brotli stream, lowest first (RFC 7932, 1.5.1). */
export class BitSource {
  readonly #bytes: Uint8Array;
  #next = 0;
  #held = 0;
  #count = 0;
  /** Prefix codes read so far. */
  codes = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** 0 to 24 bits. */
  read(size: number): number {
    while (this.#count < size) {
      const byte = this.#bytes[this.#next];
      if (byte === undefined) throw new BrokenBrotli('end');
      this.#next++;
      this.#held |= byte << this.#count;
      this.#count += 8;
    }
    const value = this.#held & ((1 << size) - 1);
    this.#held >>>= size;
    this.#count -= size;
    return value;
  }

  /** Passes over the rest of a byte, which must be zero. */
  align(): void {
    if (this.read(this.#count & 7) !== 0) throw new BrokenBrotli('bits are set that must be zero');
  }

  /** Whole bytes, as many of them as there are; only when aligned. */
  bytes(length: number): Uint8Array {
    this.#next -= this.#count >> 3;
    this.#count = 0;
    this.#held = 0;
    const bytes = this.#bytes.subarray(this.#next, this.#next + length);
    this.#next += bytes.length;
    return bytes;
  }
}
