import type { Dissection } from '#dissectors/field.ts';
import type { LentProgress } from '#folds/lent-capture.ts';
import type { LentRecord } from '#folds/lent-record.ts';
import type { ToldCounts } from '#folds/lent-told.ts';
import type { LensName } from '../../state/lens.svelte.ts';

/** What the switch and the marked views show; where it comes from is not theirs to know. */
export interface LensView {
  readonly lens: LensName;
  /** How many connections each end has told keys of; unknown until a key was lent once. */
  readonly told: ToldCounts | undefined;
  readonly progress: LentProgress | undefined;
  /** There is more to be opened. */
  readonly isBusy: boolean;
  /** That has taken more than a moment. */
  readonly isSlow: boolean;
  /** What was inside the record that is looked at; undefined while it is not there. */
  readonly look: { readonly key: string; readonly dissections: readonly Dissection[] } | undefined;
  /** What lent keys make of a record; undefined while none are, or it never was sealed. */
  record(key: string): LentRecord | undefined;
  /** `stranger` takes the keys back. */
  lend(lens: LensName): void;
  /** Lends those that were lent last, or takes them back. */
  toggle(): void;
  /** Take this record apart, or none any more. */
  lookAt(key: string | undefined): void;
}
