/** A stretch of the log's store that is to be written, and what to call, once, when that is over. */
export interface Writing {
  readonly bytes: Uint8Array;
  readonly written?: () => void;
}

interface Piece extends Writing {
  /** How many of the captured bytes it stands for. */
  readonly length: number;
  /** Its bytes are not the captured ones, so that it goes on whole or not at all. */
  readonly isReplaced: boolean;
}

/** Bytes of one direction that wait to be passed on, in order: not a copy, but the log's own, or what replaces them. */
export class HeldBytes {
  #pieces: Piece[] = [];
  #length = 0;

  /** How many captured bytes wait. */
  get length(): number {
    return this.#length;
  }

  push({ bytes, written }: Required<Writing>): void {
    this.#pieces.push({ bytes, written, length: bytes.length, isReplaced: false });
    this.#length += bytes.length;
  }

  /** Takes the first `count` bytes off, or as many as there are; a replaced stretch only where all of it is among them. */
  take(count: number): readonly Writing[] {
    const taken: Writing[] = [];
    let left = count;
    while (left > 0) {
      const [first] = this.#pieces;
      if (first === undefined || (first.isReplaced && first.length > left)) break;
      if (first.length > left) {
        this.#split(left);
        continue;
      }
      const { bytes, written, length } = first;
      taken.push(written ? { bytes, written } : { bytes });
      left -= length;
      this.#length -= length;
      this.#pieces.shift();
    }
    return taken;
  }

  /**
   * Has other bytes wait in place of those from `start` to `end`, counted from the first that waits. Throws a
   * `RangeError` where that is no stretch of them, or a part of one that was replaced before.
   */
  replace(start: number, end: number, bytes: Uint8Array): void {
    if (!(start >= 0 && start < end && end <= this.#length))
      throw new RangeError(`${start} to ${end} is no stretch of the ${this.#length} bytes that are held`);
    this.#split(start);
    this.#split(end);
    const first = this.#indexAt(start);
    const last = this.#indexAt(end);
    const gone = this.#pieces.slice(first, last);
    const written = () => {
      for (const piece of gone) piece.written?.();
    };
    this.#pieces.splice(first, last - first, { bytes, written, length: end - start, isReplaced: true });
  }

  /** Gives up what waits. */
  clear(): void {
    for (const { written } of this.#pieces) written?.();
    this.#pieces = [];
    this.#length = 0;
  }

  /** Makes a piece begin at this place, unless one does. */
  #split(place: number): void {
    let at = 0;
    for (const [index, { bytes, length, written, isReplaced }] of this.#pieces.entries()) {
      const offset = place - at;
      at += length;
      if (offset >= length) continue;
      if (offset === 0) return;
      if (isReplaced) throw new RangeError('a part of this was replaced before');
      // Its memory is in use until the rest of it has been written too.
      const rest = { bytes: bytes.subarray(offset), length: length - offset, isReplaced };
      this.#pieces.splice(
        index,
        1,
        { bytes: bytes.subarray(0, offset), length: offset, isReplaced },
        written ? { ...rest, written } : rest,
      );
      return;
    }
  }

  #indexAt(place: number): number {
    let at = 0;
    for (const [index, { length }] of this.#pieces.entries()) {
      if (at >= place) return index;
      at += length;
    }
    return this.#pieces.length;
  }
}
