import type { Batch, LogEvent } from '#contract';

/** How far the log was taken in: what `follow` asks to go on from. */
export interface Position {
  readonly epoch: number;
  readonly after: number;
}

interface Waiting {
  readonly epoch: number;
  readonly event: LogEvent;
  /** Size of the batch that this event is the last of; 0 for the others. */
  readonly batchBytes: number;
}

/** How many events are applied between two looks at the clock. */
const EVENTS_PER_LOOK = 64;

/**
 * Batches wait here until a frame has time for them. Keeps the numbers without gap or double: an event that
 * was seen is dropped, a batch that skips events which the log still holds is refused. One that begins with
 * `epoch-started` starts over, in a new epoch or in this one: then the log has dropped events not sent yet.
 */
export class Intake {
  #position: Position = { epoch: 0, after: 0 };
  #waiting: Waiting[] = [];
  #next = 0;
  #unreported = 0;

  get position(): Position {
    return this.#position;
  }

  get isWaiting(): boolean {
    return this.#next < this.#waiting.length;
  }

  /** Takes a batch of `size` bytes. `gap` means: nothing was kept, ask again from `position`. */
  push(batch: Batch, size: number): 'taken' | 'gap' {
    if (batch.epoch < this.#position.epoch) {
      this.#unreported += size;
      return 'taken';
    }
    const after = this.#startsOver(batch) ? 0 : this.#position.after;
    const fresh = batch.events.filter((event) => event.seq > after);
    if (skipsEvents(fresh, after, batch.completeFrom)) {
      this.#unreported += size;
      return 'gap';
    }
    const last = fresh.length - 1;
    for (const [index, event] of fresh.entries()) {
      this.#waiting.push({ epoch: batch.epoch, event, batchBytes: index === last ? size : 0 });
    }
    if (last === -1) this.#unreported += size;
    this.#position = { epoch: batch.epoch, after: fresh[last]?.seq ?? after };
    return 'taken';
  }

  /** Applies waiting events, in order, until `isOver` says that the time is up. */
  drain(apply: (event: LogEvent, epoch: number) => void, isOver: () => boolean): void {
    while (this.isWaiting) {
      const stop = Math.min(this.#next + EVENTS_PER_LOOK, this.#waiting.length);
      for (; this.#next < stop; this.#next += 1) {
        const waiting = this.#waiting[this.#next];
        if (waiting === undefined) break;
        apply(waiting.event, waiting.epoch);
        this.#unreported += waiting.batchBytes;
      }
      if (isOver()) return;
    }
    this.#waiting = [];
    this.#next = 0;
  }

  #startsOver({ epoch, events }: Batch): boolean {
    return epoch !== this.#position.epoch || events[0]?.type === 'epoch-started';
  }

  /** Bytes of batches that were taken in since the last call. */
  takeUnreported(): number {
    const bytes = this.#unreported;
    this.#unreported = 0;
    return bytes;
  }

  get unreported(): number {
    return this.#unreported;
  }
}

/** Numbers may only be missing below `completeFrom`: those events were evicted. */
function skipsEvents(events: readonly LogEvent[], after: number, completeFrom: number): boolean {
  let expected = after + 1;
  for (const { seq } of events) {
    if (seq !== expected && seq > completeFrom) return true;
    expected = seq + 1;
  }
  return false;
}
