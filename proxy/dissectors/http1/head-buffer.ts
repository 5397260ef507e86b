/** RFC 9112 sets no limit; common servers stop at 8 to 64 KB, so nothing longer was ever answered. */
export const LONGEST_HEAD = 64 * 1024;

/**
 * Gathers a head that arrives in pieces, each byte copied and searched once. A head that lies in one chunk is
 * handed out as a view of it, without a copy.
 */
export class HeadBuffer {
  #bytes = new Uint8Array(0);
  #length = 0;
  /** Up to here no end of the head begins. */
  #searched = 0;
  #leading = true;

  /**
   * Takes bytes from `from` on. `head` is there once it is complete; `at` is the index behind what was taken.
   * `tooLong`: there is no end within 64 KB.
   */
  push(
    bytes: Uint8Array,
    from: number,
    findEnd: (bytes: Uint8Array, from: number) => number,
  ): { head?: Uint8Array; at: number; tooLong?: boolean } {
    const window = bytes.subarray(from, from + LONGEST_HEAD - this.#length);
    const before = this.#length;
    const head = before === 0 ? window : this.#append(window);
    const end = findEnd(head, this.#skipLeading(head));
    if (end !== -1) {
      this.#reset();
      return { head: head.subarray(0, end), at: from + end - before };
    }
    if (head.length === LONGEST_HEAD) {
      this.#reset();
      return { at: from + window.length, tooLong: true };
    }
    if (before === 0) this.#append(window);
    // The last two bytes may be the beginning of the end.
    this.#searched = Math.max(this.#searched, head.length - 2);
    return { at: from + window.length };
  }

  /** Empty lines before the first line do not end a head that has not begun. */
  #skipLeading(head: Uint8Array): number {
    while (this.#leading && this.#searched < head.length) {
      const byte = head[this.#searched];
      if (byte === 10 || byte === 13) this.#searched++;
      else this.#leading = false;
    }
    return this.#searched;
  }

  #append(piece: Uint8Array): Uint8Array {
    const length = this.#length + piece.length;
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.min(LONGEST_HEAD, Math.max(512, length * 2)));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = length;
    return this.#bytes.subarray(0, length);
  }

  #reset(): void {
    this.#length = 0;
    this.#searched = 0;
    this.#leading = true;
    // A large buffer is given back rather than kept for the life of the connection.
    if (this.#bytes.length > 4096) this.#bytes = new Uint8Array(0);
  }
}
