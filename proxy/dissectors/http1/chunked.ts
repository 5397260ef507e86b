type State = 'size' | 'extension' | 'data' | 'data-end' | 'trailer-start' | 'trailer' | 'done' | 'broken';

// Far beyond what anybody sends; without bounds a peer could keep the counters busy forever.
const LONGEST_EXTENSION = 16 * 1024;
const LONGEST_TRAILERS = 64 * 1024;

/** Follows the chunked coding (RFC 9112, 7.1) with counters alone; no byte of the body is kept. */
export class ChunkedCounter {
  #state: State = 'size';
  #size = 0;
  #digits = 0;
  #left = 0;
  #line = 0;
  #trailers = 0;

  get done(): boolean {
    return this.#state === 'done';
  }

  get broken(): boolean {
    return this.#state === 'broken';
  }

  /** Bytes of chunk data still to come, whose content does not matter. */
  get dataLeft(): number {
    return this.#state === 'data' ? this.#left : 0;
  }

  /** Passes over bytes of chunk data, at most `dataLeft`. */
  skip(length: number): void {
    this.#left -= length;
    if (this.#left === 0) this.#state = 'data-end';
  }

  /** Reads from `from` until the body ends or the bytes do; returns the index behind what it took. */
  push(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length && this.#state !== 'done' && this.#state !== 'broken') {
      if (this.#state === 'data') {
        const step = Math.min(this.#left, bytes.length - at);
        this.skip(step);
        at += step;
      } else {
        this.#step(bytes[at] ?? 0);
        if (!this.broken) at++;
      }
    }
    return at;
  }

  #step(byte: number): void {
    switch (this.#state) {
      case 'size':
        this.#sizeByte(byte);
        return;
      case 'extension':
        if (byte === 10) this.#sizeEnded();
        else if (++this.#line > LONGEST_EXTENSION) this.#state = 'broken';
        return;
      case 'data-end':
        if (byte === 10) this.#state = 'size';
        else if (byte !== 13) this.#state = 'broken';
        return;
      case 'trailer-start':
        if (byte === 10) this.#state = 'done';
        else if (byte !== 13) this.#state = 'trailer';
        return;
      case 'trailer':
        if (byte === 10) this.#state = 'trailer-start';
        else if (++this.#trailers > LONGEST_TRAILERS) this.#state = 'broken';
        return;
      case 'data':
      case 'done':
      case 'broken':
      // Never asked for: data is passed over by its length, and the others end the reading.
    }
  }

  #sizeByte(byte: number): void {
    const digit = hexDigit(byte);
    if (digit !== -1) {
      // Twelve digits stay within what a number counts exactly.
      this.#size = this.#size * 16 + digit;
      this.#state = ++this.#digits > 12 ? 'broken' : 'size';
    } else if (this.#digits === 0) this.#state = 'broken';
    else if (byte === 10) this.#sizeEnded();
    else if (byte === 13 || byte === 59 || byte === 32 || byte === 9) this.#state = 'extension';
    else this.#state = 'broken';
  }

  #sizeEnded(): void {
    this.#state = this.#size === 0 ? 'trailer-start' : 'data';
    this.#left = this.#size;
    this.#size = 0;
    this.#digits = 0;
    this.#line = 0;
  }
}

/** The value of a hex digit's character code, or -1. */
export function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
