import type { Message } from '#dissectors/message.ts';
import type { WireMessage } from './wire-message.ts';

/**
 * The messages of one direction, each beginning behind the one before: where one begins finds it, without a table
 * to keep for every message.
 */
export class MessageLine {
  #messages: WireMessage[] = [];
  /** Where the newest message ever added begins. */
  #newest = -1;

  /** Whether it begins behind all that were ever added; what does not, and is not found, was dropped. */
  isNew(message: Message): boolean {
    return message.start > this.#newest;
  }

  add(tracked: WireMessage): void {
    this.#messages.push(tracked);
    this.#newest = tracked.message.start;
  }

  find(message: Message): WireMessage | undefined {
    const last = this.#messages.at(-1);
    // Nearly always it is the last one that grows.
    if (last === undefined || last.message === message) return last;
    const found = message.start < last.message.start ? this.at(message.start) : undefined;
    return found?.message === message ? found : undefined;
  }

  /** The message that begins at this position. */
  at(start: number): WireMessage | undefined {
    let low = 0;
    let high = this.#messages.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#messages[middle]?.message.start ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    const found = this.#messages[low];
    return found?.message.start === start ? found : undefined;
  }

  /** Forgets those of which this holds, and returns them. */
  drop(isGone: (message: Message) => boolean): readonly WireMessage[] {
    const gone = this.#messages.filter(({ message }) => isGone(message));
    if (gone.length > 0) this.#messages = this.#messages.filter(({ message }) => !isGone(message));
    return gone;
  }
}
