import type { ConnectionId } from '#contract';
import type { StreamRange } from '#folds/view.ts';

export type LaneName = 'http' | 'https';
export type BytesMode = 'text' | 'hex';

/** Bytes to scroll to and flash; `turn` counts up, so that asking for the same bytes again flashes again. */
export interface Focus {
  readonly range: StreamRange;
  readonly turn: number;
}

/** What a person chose to look at in one lane; nothing chosen means the lane shows its default. */
export class LaneChoice {
  key = $state<string>();
  mode = $state<BytesMode>();
  focus = $state.raw<Focus>();
  /** The connection of a chat whose line is to be looked at, until something else is chosen. */
  chat = $state<ConnectionId>();
  #turn = 0;

  choose(key: string | undefined): void {
    this.key = key;
    this.focus = undefined;
    this.chat = undefined;
  }

  /** Shows the line that was said on this connection, as soon as it is there. */
  follow(chat: ConnectionId | undefined): void {
    this.clear();
    this.chat = chat;
  }

  /** Shows the message and flashes the bytes. */
  point(key: string, range: StreamRange): void {
    this.#turn += 1;
    this.key = key;
    this.focus = { range, turn: this.#turn };
  }

  clear(): void {
    this.key = undefined;
    this.focus = undefined;
    this.mode = undefined;
    this.chat = undefined;
  }
}
