import type { LogEvent } from '#contract';
import { eventBytes, eventOverheadBytes } from './event-size.ts';
import { type DroppedRange, Survivors } from './survivors.ts';

/**
 * The events a log still holds: a gapless tail, and before it the few that survive every sweep because later
 * events make no sense without them.
 */
export class Retention {
  readonly #kept: Survivors;
  /** What survived, by number, rebuilt by a sweep. */
  #survivors: readonly LogEvent[] = [];
  #tail: LogEvent[] = [];
  #completeFrom = 1;
  #bytes = 0;

  /** `dropBytes` is told of the bytes of every event that is dropped by a sweep. */
  constructor(dropBytes: (bytes: Uint8Array) => void = () => undefined) {
    this.#kept = new Survivors((event) => {
      this.#bytes -= eventBytes(event);
    }, dropBytes);
  }

  /** Payload and overhead of everything held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** From this number on, no event is missing. */
  get completeFrom(): number {
    return this.#completeFrom;
  }

  push(event: LogEvent): void {
    this.#tail.push(event);
    this.#bytes += eventBytes(event);
  }

  /**
   * The events after `seq`, in order; with `maxBytes` only as many as fit into it, but at least one where there
   * is one, so that a reader who asks again always gets on.
   */
  after(seq: number, maxBytes = Infinity): readonly LogEvent[] {
    const found: LogEvent[] = [];
    let bytes = 0;
    const take = (events: readonly LogEvent[], start: number): boolean => {
      for (let index = start; index < events.length; index += 1) {
        const event = events[index];
        if (event === undefined) break;
        bytes += eventBytes(event);
        if (bytes > maxBytes && found.length > 0) return false;
        found.push(event);
      }
      return true;
    };
    const complete =
      seq >= this.#completeFrom - 1 || take(this.#survivors, firstIndexAfter(this.#survivors, seq));
    if (complete) take(this.#tail, Math.max(0, seq + 1 - this.#completeFrom));
    return found;
  }

  /**
   * Drops the oldest events until what is held, and what it will cost to say so, is within `targetBytes`;
   * returns what was dropped of each direction, in the order of its first byte.
   */
  sweep(targetBytes: number): readonly DroppedRange[] {
    const ranges = new Map<string, DroppedRange>();
    let count = 0;
    for (const event of this.#tail) {
      if (this.#bytes + ranges.size * eventOverheadBytes <= targetBytes) break;
      this.#kept.sweep(event, ranges);
      count += 1;
    }
    this.#tail = this.#tail.slice(count);
    this.#completeFrom += count;
    this.#survivors = this.#kept.inOrder();
    return [...ranges.values()];
  }

  /**
   * Holds these events, in order of their numbers, instead of whatever it held: those behind the last gap in the
   * numbers as the gapless tail, those before it as what survived.
   */
  load(events: readonly LogEvent[]): void {
    this.clear();
    let start = Math.max(0, events.length - 1);
    while (start > 0 && events[start - 1]?.seq === (events[start]?.seq ?? 0) - 1) start -= 1;
    this.#survivors = events.slice(0, start);
    this.#tail = events.slice(start);
    this.#completeFrom = this.#tail[0]?.seq ?? 1;
    for (const event of events) this.#bytes += eventBytes(event);
  }

  /** Drops everything; the next event pushed has number 1. */
  clear(): void {
    this.#kept.clear();
    this.#survivors = [];
    this.#tail = [];
    this.#completeFrom = 1;
    this.#bytes = 0;
  }
}

function firstIndexAfter(events: readonly LogEvent[], seq: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((events[middle]?.seq ?? Infinity) > seq) high = middle;
    else low = middle + 1;
  }
  return low;
}
