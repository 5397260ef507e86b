const segmentBytes = 2 * 1024 * 1024;
const spareSegments = 8;

interface Segment {
  readonly bytes: Buffer;
  /** Chunks in it that the log still holds. */
  kept: number;
  /** Chunks in it that are still being written out. */
  writing: number;
  /** A view of it was handed to somebody, who may keep it for as long as they like. */
  shared: boolean;
  readonly written: () => void;
}

/**
 * Where captured bytes live: large segments that are filled one after the other. What `store` returns is both
 * the recording and the source of the write to the other end, so a byte is copied once on its way.
 *
 * A segment is filled anew only when the log has dropped all of it, no write out of it is under way and nobody
 * was ever shown a view of it; any other is left to the garbage collector. Without that reuse a fast transfer
 * spends half of its time in fresh pages and in collections that external memory brings about.
 */
export class Segments {
  #current: Segment | undefined;
  #used = 0;
  #lastStored: Segment | undefined;
  #spare: Segment[] = [];
  #byBuffer = new WeakMap<ArrayBufferLike, Segment>();

  /** Copies `chunk` and returns the copy; the caller may reuse `chunk` at once. To be released once. */
  store(chunk: Uint8Array): Buffer {
    if (chunk.length > segmentBytes) {
      this.#lastStored = undefined;
      return Buffer.from(chunk);
    }
    let segment = this.#current;
    if (segment === undefined || this.#used + chunk.length > segmentBytes) segment = this.#next();
    const start = this.#used;
    this.#used += chunk.length;
    segment.kept += 1;
    this.#lastStored = segment;
    segment.bytes.set(chunk, start);
    return segment.bytes.subarray(start, this.#used);
  }

  /** Says that the chunk stored last is being written out; call what it returns, once, when that is over. */
  beginWrite(): () => void {
    const segment = this.#lastStored;
    if (segment === undefined) return ignore;
    segment.writing += 1;
    return segment.written;
  }

  /** The log no longer holds these bytes, which `store` returned. */
  release(bytes: Uint8Array): void {
    const segment = this.#byBuffer.get(bytes.buffer);
    if (segment === undefined) return;
    segment.kept -= 1;
    this.#spareIfUnused(segment);
  }

  /** These bytes, which `store` returned, are about to be handed to somebody outside relay and log. */
  share(bytes: Uint8Array): void {
    const segment = this.#byBuffer.get(bytes.buffer);
    if (segment !== undefined) segment.shared = true;
  }

  /** Forgets all segments; what still points into them stays valid. */
  clear(): void {
    this.#current = undefined;
    this.#used = 0;
    this.#lastStored = undefined;
    this.#spare = [];
    this.#byBuffer = new WeakMap();
  }

  #next(): Segment {
    const full = this.#current;
    const segment = this.#spare.pop() ?? this.#allocate();
    this.#current = segment;
    this.#used = 0;
    if (full !== undefined) this.#spareIfUnused(full);
    return segment;
  }

  #allocate(): Segment {
    const segment: Segment = {
      bytes: Buffer.allocUnsafeSlow(segmentBytes),
      kept: 0,
      writing: 0,
      shared: false,
      written: () => {
        segment.writing -= 1;
        this.#spareIfUnused(segment);
      },
    };
    this.#byBuffer.set(segment.bytes.buffer, segment);
    return segment;
  }

  #spareIfUnused(segment: Segment): void {
    if (segment === this.#current || segment.shared || segment.kept > 0 || segment.writing > 0) return;
    // Forgotten by `clear`, or one more than is worth keeping.
    if (!this.#byBuffer.has(segment.bytes.buffer)) return;
    if (this.#spare.length < spareSegments) this.#spare.push(segment);
    else this.#byBuffer.delete(segment.bytes.buffer);
  }
}

function ignore(): void {
  // A chunk with a buffer of its own has nothing to give back.
}
