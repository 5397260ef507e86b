/** A stretch of the log's store that is to be written, and what to call, once, when that is over. */
export interface Writing {
  readonly bytes: Uint8Array;
  readonly written?: () => void;
}

/** Bytes of one direction that wait to be passed on, in order: not a copy, but the log's own. */
export class HeldBytes {
  #pieces: Required<Writing>[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(piece: Required<Writing>): void {
    this.#pieces.push(piece);
    this.#length += piece.bytes.length;
  }

  /** Takes the first `count` bytes off, or as many as there are. */
  take(count: number): readonly Writing[] {
    const taken: Writing[] = [];
    let left = Math.min(count, this.#length);
    this.#length -= left;
    while (left > 0) {
      const [first] = this.#pieces;
      if (first === undefined) break;
      const { bytes, written } = first;
      if (bytes.length > left) {
        // Its memory is in use until the rest of it has been written too.
        taken.push({ bytes: bytes.subarray(0, left) });
        this.#pieces[0] = { bytes: bytes.subarray(left), written };
        break;
      }
      taken.push(first);
      left -= bytes.length;
      this.#pieces.shift();
    }
    return taken;
  }

  /** Gives up what waits. */
  clear(): void {
    for (const { written } of this.#pieces) written();
    this.#pieces = [];
    this.#length = 0;
  }
}
