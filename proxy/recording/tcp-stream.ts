import { limits } from './limits.ts';

/** Bytes in their place in the stream. */
export interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

interface Waiting extends Piece {
  readonly end: number;
}

// The largest window there is (RFC 7323, 2.3): what lies further ahead belongs to something else.
const largestWindow = 2 ** 30;

/**
 * One direction of a TCP connection, put in order: segments may come late, twice, overlapping or never. Positions
 * count from the first byte behind the SYN, or from where the capture came in. Where bytes differ between a segment
 * and its repetition, the first to be delivered stay.
 */
export class TcpStream {
  /** Sequence number of position 0. */
  #base: number | undefined;
  #next = 0;
  #end: number | undefined;
  #acknowledged = 0;
  #missing = 0;
  #waiting: Waiting[] = [];

  get hasBegun(): boolean {
    return this.#base !== undefined;
  }

  /** Sequence number of the first byte. */
  get base(): number | undefined {
    return this.#base;
  }

  /** Bytes that the capture does not have, up to what was delivered. */
  get missing(): number {
    return this.#missing;
  }

  /** Everything up to the FIN was delivered. */
  get isOver(): boolean {
    return this.#end !== undefined && this.#next >= this.#end;
  }

  get hasEnd(): boolean {
    return this.#end !== undefined;
  }

  /** Bytes wait for others that the receiver says it has: the capture has missed them. */
  get lacksAcknowledged(): boolean {
    const [first] = this.#waiting;
    return first !== undefined && this.#acknowledged >= first.offset;
  }

  /** Says which sequence number the first byte has. */
  begin(sequence: number): void {
    this.#base ??= sequence;
  }

  /** The position of a sequence number, which wraps around at 2^32: the nearest to what was delivered last. */
  positionOf(sequence: number): number {
    return this.#next + ((sequence - ((this.#base ?? 0) + this.#next)) | 0);
  }

  /** Bytes at a position, `length` of them on the network; returns what they complete, in order. */
  add(offset: number, bytes: Uint8Array, length: number): readonly Piece[] {
    const end = offset + length;
    if (end <= this.#next || offset > this.#next + largestWindow) return [];
    this.#wait({ offset, bytes, end });
    return this.#waiting.length > limits.waitingSegments ? this.giveUp() : this.#deliver();
  }

  /** The sender's FIN stands at this position. */
  endAt(offset: number): void {
    if (offset <= this.#next + largestWindow) this.#end ??= Math.max(offset, this.#next);
  }

  acknowledge(offset: number): void {
    if (offset <= this.#next + largestWindow) this.#acknowledged = Math.max(this.#acknowledged, offset);
  }

  /** Passes over the bytes that are waited for; returns what comes behind them. */
  giveUp(): readonly Piece[] {
    const [first] = this.#waiting;
    if (first) this.#passOverTo(first.offset);
    return this.#deliver();
  }

  /** Passes over everything that is missing. */
  *flush(): Generator<Piece> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) {
      this.#passOverTo(each.offset);
      const piece = this.#freshOf(each);
      if (piece) yield piece;
    }
    if (this.#end !== undefined) this.#passOverTo(this.#end);
  }

  #wait(waiting: Waiting): void {
    let at = this.#waiting.length;
    for (let before = this.#waiting[at - 1]; before && before.offset > waiting.offset;) {
      at -= 1;
      before = this.#waiting[at - 1];
    }
    const before = this.#waiting[at - 1];
    if (before?.offset === waiting.offset && before.end >= waiting.end) return;
    this.#waiting.splice(at, 0, waiting);
  }

  #deliver(): readonly Piece[] {
    const pieces: Piece[] = [];
    let count = 0;
    for (const waiting of this.#waiting) {
      if (waiting.offset > this.#next) break;
      count += 1;
      const piece = this.#freshOf(waiting);
      if (piece) pieces.push(piece);
    }
    if (count > 0) this.#waiting = this.#waiting.slice(count);
    return pieces;
  }

  #passOverTo(offset: number): void {
    if (offset <= this.#next) return;
    this.#missing += offset - this.#next;
    this.#next = offset;
  }

  /** What was not delivered yet of bytes that begin no later than where it stopped; it goes on behind them. */
  #freshOf({ offset, bytes, end }: Waiting): Piece | undefined {
    if (end <= this.#next) return undefined;
    const start = this.#next;
    const fresh = bytes.subarray(start - offset);
    // What the capture cut off a packet.
    this.#missing += end - start - fresh.length;
    this.#next = end;
    return fresh.length > 0 ? { offset: start, bytes: fresh } : undefined;
  }
}
