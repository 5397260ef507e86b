/** What a slice of a stream gave: its bytes without a gap, from `start` on. */
export interface Slice {
  /** Position of the first byte; later than asked for when the beginning was dropped. */
  readonly start: number;
  readonly bytes: Uint8Array;
  /** The bytes came in one chunk and are a view of it, not a copy. */
  readonly inOneChunk: boolean;
}

/**
 * The captured bytes of one direction of one connection, by position. Keeps the chunks it is given, without
 * copying them; says what it no longer has. Chunks come in order and do not overlap.
 */
export class ByteStore {
  #offsets: number[] = [];
  #chunks: Uint8Array[] = [];
  /** Index of the first chunk that is still held: dropping from the front moves it. */
  #first = 0;
  #end = 0;
  #held = 0;
  #evicted = 0;

  /** Position behind the last byte ever added. */
  get end(): number {
    return this.#end;
  }

  /** Bytes that can still be had. */
  get held(): number {
    return this.#held;
  }

  get evicted(): number {
    return this.#evicted;
  }

  /** Bytes from before the end of what is known already are passed over; returns what was new. */
  add(offset: number, bytes: Uint8Array): Uint8Array {
    const fresh = offset < this.#end ? bytes.subarray(this.#end - offset) : bytes;
    if (fresh.length === 0) return fresh;
    const start = Math.max(offset, this.#end);
    this.#offsets.push(start);
    this.#chunks.push(fresh);
    this.#end = start + fresh.length;
    this.#held += fresh.length;
    return fresh;
  }

  /** Drops `[from, to)`; what was never here counts as nothing. */
  evict(from: number, to: number): void {
    const offsets: number[] = [];
    const chunks: Uint8Array[] = [];
    let index = this.#first;
    for (; index < this.#chunks.length; index++) {
      const start = this.#offsets[index] ?? 0;
      const chunk = this.#chunks[index];
      if (!chunk || start >= to) break;
      const before = Math.min(Math.max(0, from - start), chunk.length);
      const after = Math.min(Math.max(0, start + chunk.length - to), chunk.length - before);
      const dropped = chunk.length - before - after;
      this.#held -= dropped;
      this.#evicted += dropped;
      if (before > 0) append(offsets, chunks, start, chunk.subarray(0, before));
      if (after > 0)
        append(offsets, chunks, start + chunk.length - after, chunk.subarray(chunk.length - after));
    }
    if (chunks.length === 0) this.#moveFirst(index);
    else {
      this.#offsets = [...offsets, ...this.#offsets.slice(index)];
      this.#chunks = [...chunks, ...this.#chunks.slice(index)];
      this.#first = 0;
    }
  }

  /** The bytes of `[start, end)`, up to the first gap in them. */
  slice(start: number, end: number): Slice {
    let index = this.#indexOf(start);
    const from = Math.max(start, this.#offsets[index] ?? end);
    const pieces: Uint8Array[] = [];
    let at = from;
    for (; index < this.#chunks.length && at < end; index++) {
      const offset = this.#offsets[index] ?? 0;
      const chunk = this.#chunks[index];
      if (!chunk || offset > at) break;
      pieces.push(chunk.subarray(at - offset, Math.min(chunk.length, end - offset)));
      at = Math.min(end, offset + chunk.length);
    }
    return { start: Math.min(from, end), bytes: together(pieces), inOneChunk: pieces.length <= 1 };
  }

  /** Every stretch that is held, chunk by chunk in order. */
  *chunks(): Iterable<{ readonly offset: number; readonly bytes: Uint8Array }> {
    for (let index = this.#first; index < this.#chunks.length; index++) {
      const bytes = this.#chunks[index];
      if (bytes) yield { offset: this.#offsets[index] ?? 0, bytes };
    }
  }

  /** Index of the chunk that holds the position, else of the first one behind it. */
  #indexOf(position: number): number {
    let low = this.#first;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const end = (this.#offsets[middle] ?? 0) + (this.#chunks[middle]?.length ?? 0);
      if (end <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Dropping from the front costs nothing until half the list is unused. */
  #moveFirst(index: number): void {
    const none = new Uint8Array(0);
    for (let gone = this.#first; gone < index; gone++) this.#chunks[gone] = none;
    this.#first = index;
    if (this.#first * 2 <= this.#chunks.length) return;
    this.#offsets = this.#offsets.slice(index);
    this.#chunks = this.#chunks.slice(index);
    this.#first = 0;
  }
}

function append(offsets: number[], chunks: Uint8Array[], offset: number, chunk: Uint8Array): void {
  offsets.push(offset);
  chunks.push(chunk);
}

function together(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  if (pieces.length <= 1) return only ?? new Uint8Array(0);
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
