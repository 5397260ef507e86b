import type { ByteRange, Dissection } from '#dissectors/field.ts';
import type { InspectorIndex } from '#folds/inspector/message-index.ts';
import type { MessageRow } from '#folds/inspector/shapes.ts';
import type { LentRecord } from '#folds/lent-record.ts';
import type { StreamRange } from '#folds/view.ts';
import type { FromWorker, Selection } from './messages.ts';

/**
 * The message that is taken apart on screen: told when it is selected, and again when it grows, moves in the list
 * or is no longer listed.
 */
export class SelectedMessage {
  readonly #index: InspectorIndex;
  readonly #post: (message: FromWorker, transfer: ArrayBuffer[]) => void;
  #turn = 0;
  #listTurn = 0;
  #key: string | undefined;
  /** What is looked for, and then what to point at in the message. */
  #at: StreamRange | undefined;
  #told: { readonly row?: MessageRow; readonly index?: number } | undefined;

  constructor(index: InspectorIndex, post: (message: FromWorker, transfer: ArrayBuffer[]) => void) {
    this.#index = index;
    this.#post = post;
  }

  select(turn: number, key: string | undefined): void {
    this.#begin(turn, key, undefined);
  }

  /** Waits for the message if it is not there yet. */
  find(turn: number, at: StreamRange): void {
    this.#begin(turn, undefined, at);
  }

  /** Its place is another one now, even if it should have the same number. */
  moved(): void {
    if (this.#told?.row) this.#told = { row: this.#told.row };
  }

  /** Tells what changed since it was told last. */
  tell(): void {
    if (this.#index.turn !== this.#listTurn)
      this.#begin(this.#turn, undefined, this.#key ? undefined : this.#at);
    if (this.#key === undefined && this.#at) {
      this.#key = this.#index.holding(this.#at)?.key;
      if (this.#key === undefined) return;
    }
    const row = this.#key === undefined ? undefined : this.#index.row(this.#key);
    const place = row ? this.#index.place(row.key) : 'not listed';
    if (!row || place === 'not listed') this.#tellNone();
    else this.#tellRow(row, place === 'undecided' ? undefined : place);
  }

  #begin(turn: number, key: string | undefined, at: StreamRange | undefined): void {
    this.#turn = turn;
    this.#listTurn = this.#index.turn;
    this.#key = key;
    this.#at = at;
    this.#told = undefined;
  }

  #tellNone(): void {
    this.#key = undefined;
    this.#at = undefined;
    if (this.#told && !this.#told.row) return;
    this.#told = {};
    this.#post({ type: 'selection', turn: this.#turn }, []);
  }

  #tellRow(row: MessageRow, index: number | undefined): void {
    const isSame = this.#told?.row !== undefined && isSameRow(row, this.#told.row);
    if (isSame && this.#told?.index === index) return;
    const dissections = isSame ? undefined : this.#index.dissect(row.key).map(ownBytes);
    const focus = this.#at && rangeIn(row, this.#at);
    this.#at = undefined;
    this.#told = { row, ...(index !== undefined && { index }) };
    const selection: Selection = {
      ...{ type: 'selection', turn: this.#turn, row },
      ...(index !== undefined && { index }),
      ...(dissections && { dissections }),
      ...(focus && { focus }),
    };
    this.#post(selection, dissections?.map(({ bytes }) => bytes.buffer) ?? []);
  }
}

/** Whether nothing changed of what can change while a row's key stays. */
export function isSameRow(row: MessageRow, other: MessageRow | undefined): boolean {
  return (
    row.key === other?.key &&
    row.index === other.index &&
    row.end === other.end &&
    row.title === other.title &&
    row.detail === other.detail &&
    row.lane === other.lane &&
    row.protocol === other.protocol &&
    row.sealed === other.sealed &&
    row.complete === other.complete &&
    isSameLent(row.lent, other.lent)
  );
}

function isSameLent(one: LentRecord | undefined, other: LentRecord | undefined): boolean {
  if (one?.state !== 'opened' || other?.state !== 'opened')
    return one?.state === other?.state && reasonOf(one) === reasonOf(other);
  return one.title === other.title && one.detail === other.detail;
}

function reasonOf(lent: LentRecord | undefined): string | undefined {
  return lent?.state === 'sealed' ? lent.reason : undefined;
}

// Captured bytes are views of whole batches, which would be copied along with them.
export function ownBytes(dissection: Dissection): Dissection & { readonly bytes: Uint8Array<ArrayBuffer> } {
  return { ...dissection, bytes: dissection.bytes.slice() };
}

/** Undefined when it is all of the message. */
function rangeIn(row: MessageRow, at: StreamRange): ByteRange | undefined {
  const range = { start: at.start - row.start, end: Math.min(at.end, row.end) - row.start };
  return range.start === 0 && range.end === row.end - row.start ? undefined : range;
}
