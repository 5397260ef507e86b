import type { ConnectionId } from '#contract';
import type { ByteRange, Dissection } from '#dissectors/field.ts';
import type { ConnectionRow, MessageFilter, MessageRow } from '#folds/inspector/shapes.ts';
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
  | { readonly type: 'find'; readonly turn: number; readonly at: StreamRange };

export type FromWorker = ListState | Selection;

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
