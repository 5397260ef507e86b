import { BrokenBrotli } from './bit-source.ts';

/** Raised when more comes out than was asked for. */
export class OutputFull extends Error {}

/** What came out so far, which is also where later data copies from; grows up to a limit. */
export class BrotliOutput {
  readonly #limit: number;
  #bytes: Uint8Array;
  #length = 0;

  constructor(limit: number, expected: number) {
    this.#limit = limit;
    this.#bytes = new Uint8Array(Math.min(limit, Math.max(1024, expected)));
  }

  get length(): number {
    return this.#length;
  }

  taken(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A byte before the end, 1 for the last; 0 before the beginning. */
  back(distance: number): number {
    return this.#bytes[this.#length - distance] ?? 0;
  }

  put(byte: number): void {
    if (this.#length === this.#bytes.length) this.#grow();
    this.#bytes[this.#length++] = byte;
  }

  add(bytes: Uint8Array): void {
    for (const byte of bytes) this.put(byte);
  }

  copy(distance: number, length: number): void {
    if (distance > this.#length) throw new BrokenBrotli('a copy from before the beginning');
    for (let count = 0; count < length; count++) this.put(this.back(distance));
  }

  #grow(): void {
    if (this.#length >= this.#limit) throw new OutputFull();
    const larger = new Uint8Array(Math.min(this.#limit, this.#length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
