/** What came out when a coding was undone, as far as it could be. */
export interface Undone {
  readonly bytes: Uint8Array;
  /** One sentence: why the coded bytes could not be read to their end. */
  readonly problem?: string;
  /** There is more than was asked for; how much is not known. */
  readonly truncated: boolean;
}

export const STOPS_EARLY = 'The compressed data stops before its end.';

/** Gathers output up to a limit. */
export class BoundedOutput {
  readonly #limit: number;
  readonly #pieces: Uint8Array[] = [];
  #length = 0;
  #isFull = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** More came than fits. */
  get isFull(): boolean {
    return this.#isFull;
  }

  add(piece: Uint8Array): void {
    const room = this.#limit - this.#length;
    if (piece.length > room) this.#isFull = true;
    const kept = piece.subarray(0, room);
    if (kept.length === 0) return;
    this.#pieces.push(kept);
    this.#length += kept.length;
  }

  joined(): Uint8Array {
    const [only] = this.#pieces;
    if (only && this.#pieces.length === 1) return only;
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }
}
