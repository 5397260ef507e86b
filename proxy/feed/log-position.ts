import type { CaptureLog } from '../capture/log.ts';

/** How far a reader has come in the log. */
export interface LogPosition {
  readonly epoch: number;
  readonly after: number;
  /** The log's `completeFrom` when the reader last began at the beginning; 0 when it did not, or that is not known. */
  readonly completeFrom: number;
}

/**
 * Whether the log dropped events that the reader has not had, the closing of connections among them: what it knows
 * can no longer be brought up to date, and it must start over with `log.after(0)`. A reader that is among the
 * survivors of the newest sweep has missed nothing.
 */
export function hasMissedEvents(position: LogPosition, log: CaptureLog): boolean {
  if (position.epoch !== log.epoch || position.after === 0) return false;
  return position.after + 1 < log.completeFrom && position.completeFrom !== log.completeFrom;
}
