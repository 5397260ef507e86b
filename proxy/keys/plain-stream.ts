import { joined } from './bytes.ts';

/** The decrypted bytes of one direction, by position; holds the pieces as they came, with gaps where records stayed sealed. */
export class PlainStream {
  readonly #starts: number[] = [];
  readonly #pieces: Uint8Array[] = [];
  #end = 0;

  /** Position behind the last byte. */
  get end(): number {
    return this.#end;
  }

  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#starts.push(this.#end);
    this.#pieces.push(bytes);
    this.#end += bytes.length;
  }

  /** So many bytes stay unknown. */
  skip(length: number): void {
    this.#end += length;
  }

  /** Lets go of the pieces that lie wholly before this position. */
  forget(before: number): void {
    const kept = this.#indexOf(before);
    this.#starts.splice(0, kept);
    this.#pieces.splice(0, kept);
  }

  /** The bytes of `[start, end)`, up to the first gap in them; `pieces` is how many records they came in. */
  slice(start: number, end: number): { readonly bytes: Uint8Array; readonly pieces: number } {
    const found: Uint8Array[] = [];
    let at = start;
    for (let index = this.#indexOf(start); index < this.#pieces.length && at < end; index++) {
      const from = this.#starts[index] ?? 0;
      const piece = this.#pieces[index];
      if (!piece || from > at) break;
      found.push(piece.subarray(at - from, end - from));
      at = from + piece.length;
    }
    const [only] = found;
    return { bytes: found.length === 1 && only ? only : joined(...found), pieces: found.length };
  }

  /** Index of the piece that holds the position, else of the first behind it. */
  #indexOf(position: number): number {
    let low = 0;
    let high = this.#pieces.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const end = (this.#starts[middle] ?? 0) + (this.#pieces[middle]?.length ?? 0);
      if (end <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
