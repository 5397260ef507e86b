import type { LentText } from '../lent-capture.ts';
import type { WireMessage } from '../wire-message.ts';
import { decodedBytes } from './decoded-bytes.ts';
import { Needle, spelledBytes } from './needle.ts';

/** What lent keys show inside a message, and so many bytes behind it; undefined while none are lent. */
export type TextInside = (message: WireMessage, beyond: number) => LentText | undefined;

/** `unfinished`: there is more to search than was asked for at once. */
export type Searched = 'found' | 'absent' | 'unfinished';

// A few milliseconds at most, also where pieces of a body have to be put together first.
const STRETCH = 512 * 1024;
const FOUND = -1;

/**
 * Looks for a text in messages, and for the bytes that it may spell in hex: in what names them, in their bytes, a
 * stretch at a time, and in what these are once they are decoded. Of a message that still grows, or was left
 * unfinished, it knows how far it came.
 */
export class TextSearch {
  readonly #needles: readonly Needle[];
  /** Bytes that the longest of them takes. */
  readonly #longest: number;
  readonly #inside: TextInside;
  /** Where to go on, by row. */
  readonly #places = new Map<number, number>();

  constructor(text: string, inside: TextInside) {
    const bytes = spelledBytes(text);
    this.#needles = [new Needle(text), ...(bytes ? [new Needle(bytes)] : [])];
    this.#longest = Math.max(...this.#needles.map(({ length }) => length));
    this.#inside = inside;
  }

  /** Looks at one stretch of the message more. */
  search(message: WireMessage): Searched {
    const { title, detail, complete } = message.message;
    const place = this.#places.get(message.order);
    const isNamed = this.#isInText(title) || (detail !== undefined && this.#isInText(detail));
    const next = isNamed ? FOUND : place === FOUND ? FOUND : this.#searchStretch(message, place);
    const isOver = next === FOUND || next === undefined;
    // A name may change while a message arrives; what its bytes hold does not.
    if (complete && isOver) this.#places.delete(message.order);
    else if (!isNamed) this.#places.set(message.order, next ?? this.#endOf(message));
    if (next === FOUND) return 'found';
    if (!isOver) return 'unfinished';
    if (this.#isInside(message)) return 'found';
    return decodedBytes(message).some((bytes) => this.#isInBytes(bytes)) ? 'found' : 'absent';
  }

  forget(row: number): void {
    this.#places.delete(row);
  }

  /** Nothing of this is remembered: keys are taken back. */
  #isInside(message: WireMessage): boolean {
    const inside = this.#inside(message, Math.max(0, this.#longest - 1));
    return inside !== undefined && (this.#isInText(inside.title) || this.#isInBytes(inside.bytes));
  }

  /** Where to go on; undefined at the end. */
  #searchStretch({ connection, message }: WireMessage, place: number | undefined): number | undefined {
    const { direction, end } = message;
    const from = Math.max(message.start, place ?? 0);
    const to = Math.min(end, from + STRETCH);
    const { start, bytes } = connection.slice({ direction, start: from, end: to });
    if (this.#isInBytes(bytes)) return FOUND;
    const reached = bytes.length > 0 ? start + bytes.length : to;
    if (reached >= end) return undefined;
    // Where bytes are missing, nothing reaches over to those behind them.
    const isWhole = reached === to && bytes.length >= this.#longest;
    return isWhole ? reached - this.#longest + 1 : reached;
  }

  #endOf({ message }: WireMessage): number {
    return Math.max(message.start, message.end - this.#longest + 1);
  }

  #isInText(text: string): boolean {
    return this.#needles.some((needle) => needle.isInText(text));
  }

  #isInBytes(bytes: Uint8Array): boolean {
    return this.#needles.some((needle) => needle.isInBytes(bytes));
  }
}
