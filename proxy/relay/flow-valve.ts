import type { ConnectionId, Hop } from '#contract';
import type { CaptureLog } from '../capture/log.ts';
import type { Flow } from './flow.ts';
import type { GateKeeper, RewritingValve } from './gate.ts';
import { HeldBytes } from './held-bytes.ts';

/** So much may wait in one direction before nothing more is read; what the last read brought comes on top. */
const aheadBytes = 64 * 1024;

/** What the log says of a valve's bytes. */
interface ValvePlace {
  readonly log: CaptureLog;
  readonly epoch: number;
  readonly connection: ConnectionId;
  readonly hop: Hop;
}

/**
 * Holds one direction of a connection for a gate. What is held was recorded when it was read, and is written from
 * the log's store when it is let go, in order; the sender's last word, an end or a reset, waits behind its bytes.
 */
export class FlowValve implements RewritingValve {
  /** Asked about what comes while this direction is held. */
  keeper: GateKeeper | undefined;
  readonly #flow: Flow;
  readonly #place: ValvePlace;
  readonly #held = new HeldBytes();
  #limit = Infinity;
  /** Up to here the log has been told that bytes are held, or need not be told any more. */
  #announced = 0;
  #last: { readonly word: 'end' | 'reset'; readonly say: () => void } | undefined;

  constructor(flow: Flow, place: ValvePlace) {
    this.#flow = flow;
    this.#place = place;
  }

  get captured(): number {
    return this.#flow.offset;
  }

  get passed(): number {
    return this.#flow.offset - this.#held.length;
  }

  get isDead(): boolean {
    return this.#flow.to.destroyed || this.#place.log.epoch !== this.#place.epoch;
  }

  get lastWord(): 'end' | 'reset' | undefined {
    return this.#last?.word;
  }

  openTo(position: number): void {
    this.#limit = position;
    this.#flow.isHeld = position !== Infinity;
    this.#letGo();
  }

  replace(start: number, end: number, bytes: Uint8Array): void {
    const { passed } = this;
    this.#held.replace(start - passed, end - passed, bytes);
  }

  /** Records a chunk that the log has stored, and keeps back what the gate does not let go at once. */
  take(bytes: Uint8Array, written: () => void): void {
    const { direction, offset } = this.#flow;
    this.#flow.offset += bytes.length;
    this.#held.push({ bytes, written });
    this.#announced = Math.max(this.#announced, offset);
    this.#tell('bytes-captured', offset, bytes);
    this.keeper?.arrived(direction, offset, bytes);
    const from = Math.max(this.#announced, this.passed);
    const { offset: to } = this.#flow;
    this.#announced = to;
    if (from < to) this.#tell('bytes-held', from, to - from);
    this.#settle();
  }

  /** Passes on the sender's last word behind all its bytes: at once where none is held. The newest word counts. */
  afterAll(word: 'end' | 'reset', say: () => void): void {
    this.#last = { word, say };
    if (this.#held.length === 0) this.#sayLastWord();
    else this.keeper?.hungUp();
  }

  /** What is held has nobody left to go to, and goes nowhere. */
  giveUp(): void {
    if (this.#held.length === 0) return;
    this.#held.clear();
    this.keeper?.hungUp();
  }

  #letGo(): void {
    const start = this.passed;
    const count = Math.min(this.#limit - start, this.#held.length);
    if (count > 0 && this.isDead) {
      this.#held.clear();
    } else if (count > 0) {
      const gone = this.#write(count);
      const announced = Math.min(start + gone, this.#announced) - start;
      if (announced > 0) this.#tell('bytes-released', start, announced);
    }
    this.#settle();
    if (this.#held.length === 0) this.#sayLastWord();
  }

  /** Returns how many of the captured bytes have gone: fewer than `count` where a replaced stretch is to stay whole. */
  #write(count: number): number {
    const { from, to } = this.#flow;
    const { length } = this.#held;
    let isTooMuch = false;
    for (const { bytes, written } of this.#held.take(count)) isTooMuch = !to.write(bytes, written);
    // The stream asks for a pause after any large write, even one that the system took whole.
    if (isTooMuch && to.writableLength > 0 && !this.#flow.paused) {
      this.#flow.paused = true;
      from.pause();
    }
    return length - this.#held.length;
  }

  #settle(): void {
    const { from, to, isFull, paused } = this.#flow;
    const isFullNow = this.#held.length >= aheadBytes;
    if (isFullNow === isFull) return;
    this.#flow.isFull = isFullNow;
    if (isFullNow) from.pause();
    else if (!paused && !to.destroyed) from.resume();
  }

  #sayLastWord(): void {
    const last = this.#last;
    this.#last = undefined;
    last?.say();
  }

  #tell(type: 'bytes-captured', offset: number, bytes: Uint8Array): void;
  #tell(type: 'bytes-held' | 'bytes-released', offset: number, length: number): void;
  #tell(
    type: 'bytes-captured' | 'bytes-held' | 'bytes-released',
    offset: number,
    what: Uint8Array | number,
  ): void {
    const { log, connection, hop } = this.#place;
    const place = {
      vantage: 'wire',
      hop,
      connection,
      direction: this.#flow.direction,
      offset,
    } as const;
    if (type === 'bytes-captured') log.append({ type, ...place, bytes: what as Uint8Array });
    else log.append({ type, ...place, length: what as number });
  }
}
