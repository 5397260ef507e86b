import { type Findings, isWireEvent, type LogEvent } from '#contract';
import { CaptureFold } from '#folds/capture.ts';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CaptureLog } from '../capture/log.ts';
import { hasMissedEvents, type LogPosition } from './log-position.ts';

const sliceBytes = 256 << 10;
const nowhere: LogPosition = { epoch: 0, after: 0, completeFrom: 0 };

/** The findings of the log as it stands, folded in slices so that the relay goes on between them. */
export class FindingsReader {
  readonly #log: CaptureLog;
  #fold = new CaptureFold();
  #position = nowhere;
  // Settles with nothing: findings hold secrets, and would stay in memory with it.
  #lastRead: Promise<void> = Promise.resolve();

  constructor(log: CaptureLog) {
    this.#log = log;
  }

  /** One reader at a time catches up; the next one goes on from there, or starts over when a read failed. */
  read(): Promise<Findings> {
    const reading = this.#lastRead.then(() => this.#catchUp());
    this.#lastRead = reading.then(
      () => undefined,
      () => this.forget(),
    );
    return reading;
  }

  /** Drops all that was folded, bytes and secrets with it; a read that is under way ends with what it has then. */
  forget(): void {
    this.#fold = new CaptureFold();
    this.#position = nowhere;
  }

  async #catchUp(): Promise<Findings> {
    const { epoch, lastSeq } = this.#log;
    if (this.#position.epoch !== epoch) this.#startOver();
    while (this.#position.after < lastSeq) {
      if (hasMissedEvents(this.#position, this.#log)) this.#startOver();
      const fold = this.#fold;
      const { after } = this.#position;
      const events = this.#log.after(after, sliceBytes);
      for (const event of events) if (isOfFindings(event)) fold.apply(event);
      this.#position = { ...this.#position, after: events.at(-1)?.seq ?? lastSeq };
      await nextTurn();
      if (this.#log.epoch === epoch && this.#fold === fold) continue;
      this.#startOver();
      break;
    }
    return this.#fold.findings();
  }

  /** With the event that says which epoch it is, so that the findings do. */
  #startOver(): void {
    const { epoch, completeFrom } = this.#log;
    const [first] = this.#log.after(0, 1);
    this.#fold = new CaptureFold();
    if (first) this.#fold.apply(first);
    this.#position = { epoch, after: first?.seq ?? 0, completeFrom };
  }
}

/** What was seen, and what it is searched for. Keys that the ends told open nothing here, and need not be kept twice. */
function isOfFindings(event: LogEvent): boolean {
  return isWireEvent(event) || event.type === 'secret-entered';
}
