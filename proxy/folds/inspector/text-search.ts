import type { WireMessage } from '../wire-message.ts';
import { Needle } from './needle.ts';

/** `unfinished`: there is more to search than was asked for at once. */
export type Searched = 'found' | 'absent' | 'unfinished';

// A few milliseconds at most, also where pieces of a body have to be put together first.
const STRETCH = 512 * 1024;
const FOUND = -1;

/**
 * Looks for a text in messages: in what names them, and in their bytes, a stretch at a time. Of a message that
 * still grows, or was left unfinished, it knows how far it came.
 */
export class TextSearch {
  readonly #needle: Needle;
  /** Where to go on, by row. */
  readonly #places = new Map<number, number>();

  constructor(text: string) {
    this.#needle = new Needle(text);
  }

  /** Looks at one stretch of the message more. */
  search(message: WireMessage): Searched {
    const { title, detail, complete } = message.message;
    const place = this.#places.get(message.order);
    const isNamed = this.#needle.isInText(title) || (detail !== undefined && this.#needle.isInText(detail));
    const next = isNamed ? FOUND : place === FOUND ? FOUND : this.#searchStretch(message, place);
    const isOver = next === FOUND || next === undefined;
    // A name may change while a message arrives; what its bytes hold does not.
    if (complete && isOver) this.#places.delete(message.order);
    else if (!isNamed) this.#places.set(message.order, next ?? this.#endOf(message));
    if (next === FOUND) return 'found';
    return isOver ? 'absent' : 'unfinished';
  }

  forget(row: number): void {
    this.#places.delete(row);
  }

  /** Where to go on; undefined at the end. */
  #searchStretch({ connection, message }: WireMessage, place: number | undefined): number | undefined {
    const { direction, end } = message;
    const from = Math.max(message.start, place ?? 0);
    const to = Math.min(end, from + STRETCH);
    const { start, bytes } = connection.slice({ direction, start: from, end: to });
    if (this.#needle.isInBytes(bytes)) return FOUND;
    const reached = bytes.length > 0 ? start + bytes.length : to;
    if (reached >= end) return undefined;
    // Where bytes are missing, nothing reaches over to those behind them.
    const isWhole = reached === to && bytes.length >= this.#needle.length;
    return isWhole ? reached - this.#needle.length + 1 : reached;
  }

  #endOf({ message }: WireMessage): number {
    return Math.max(message.start, message.end - this.#needle.length + 1);
  }
}
