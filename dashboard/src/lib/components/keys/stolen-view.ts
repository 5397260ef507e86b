import type { StolenColumn } from '../../format/keys/stolen.ts';

/** What the tab of the stolen key shows, and how sessions are recorded for it. */
export interface StolenKeyView {
  readonly columns: readonly StolenColumn[];
  /** The victim is logging in at both. */
  readonly isRecording: boolean;
  /** A text off the wire, with these typed values in it, as it may stand on the page. */
  readonly shown: (text: string, typed: readonly string[]) => string;
  readonly onrecord: () => void;
}
