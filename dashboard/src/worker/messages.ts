import type { ConnectionId } from '#contract';
import type { ByteRange, Dissection } from '#dissectors/field.ts';
import type { ConnectionRow, MessageFilter, MessageRow } from '#folds/inspector/shapes.ts';
import type { LentProgress } from '#folds/lent-capture.ts';
import type { LentRecord } from '#folds/lent-record.ts';
import type { Lender, ToldCounts } from '#folds/lent-told.ts';
import type { StreamRange } from '#folds/view.ts';

/**
 * What the page asks of the worker. `turn` numbers filters and selections, so that an answer to an earlier one
 * can be told apart.
 */
export type ToWorker =
  /** Tell what is in the list from now on, or no longer. */
  | { readonly type: 'watch'; readonly isWatched: boolean }
  | { readonly type: 'filter'; readonly turn: number; readonly filter: MessageFilter }
  /** These places of the filtered list are on screen, half-open. */
  | { readonly type: 'show'; readonly from: number; readonly to: number }
  /** `key`: of the row that was seen at this place, if it was loaded. */
  | { readonly type: 'select'; readonly turn: number; readonly index: number; readonly key?: string }
  /** Select the message that holds the first byte of this stretch, as soon as it is there. */
  | { readonly type: 'find'; readonly turn: number; readonly at: StreamRange }
  /** Lend the keys that this end told, or take them back; in the capture that the page shows, which may be news here. */
  | { readonly type: 'lend'; readonly turn: number; readonly lender?: Lender; readonly epoch?: number }
  /** Take apart what is inside this record, from now on; nothing without a key of it. */
  | { readonly type: 'look'; readonly turn: number; readonly key?: string };

export type FromWorker = ListState | Selection | LentState | LentLook;

/** The list now, whole numbers always, the rest only where it changed. */
export interface ListState {
  readonly type: 'list';
  /** Of the filter that this is the list of. */
  readonly turn: number;
  readonly total: number;
  readonly matching: number;
  readonly isCatchingUp: boolean;
  readonly rows?: RowWindow;
  readonly connections?: {
    /** Begins anew: forget those that were told before. */
    readonly startsOver: boolean;
    readonly changed: readonly ConnectionRow[];
    readonly gone: readonly ConnectionId[];
  };
  readonly hosts?: readonly string[];
  /** Messages of each connection that the filter lets through; never where it narrows nothing. */
  readonly matches?: ReadonlyMap<ConnectionId, number>;
}

export interface RowWindow {
  readonly from: number;
  readonly rows: readonly MessageRow[];
}

/** The selected message, or none any more; sent again when it changed, or moved in the list. */
export interface Selection {
  readonly type: 'selection';
  readonly turn: number;
  readonly row?: MessageRow;
  /** Absent while the filter has not come to it. */
  readonly index?: number;
  /** Absent when they are as before. */
  readonly dissections?: readonly Dissection[];
  /** Bytes of the first dissection that were asked for. */
  readonly focus?: ByteRange;
}

/** What the lent keys have opened so far; whole numbers always, records only where something turned out. */
export interface LentState {
  readonly type: 'lent';
  /** Of the lending that this tells about. */
  readonly turn: number;
  /** Absent when none is lent, or a new capture took them back. */
  readonly lender?: Lender;
  readonly told: ToldCounts;
  readonly progress?: LentProgress;
  /** There is more to be opened. */
  readonly isBusy: boolean;
  /** By key; without `lent`, nothing is known of it any more. */
  readonly records: readonly { readonly key: string; readonly lent?: LentRecord }[];
}

/** What is inside the record that is looked at. */
export interface LentLook {
  readonly type: 'look';
  readonly turn: number;
  readonly key: string;
  readonly dissections: readonly Dissection[];
}
