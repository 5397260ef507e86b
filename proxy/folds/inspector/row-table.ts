import type { ConnectionId } from '#contract';
import type { MessageProtocol } from '#dissectors/message.ts';
import type { WireMessage } from '../wire-message.ts';

const PAGE_BITS = 12;
const PAGE = 1 << PAGE_BITS;

const PROTOCOL_NUMBERS: Readonly<Record<MessageProtocol, number>> = {
  unknown: 0,
  http1: 1,
  websocket: 2,
  tls: 3,
  dns: 4,
};

interface Page {
  readonly messages: (WireMessage | undefined)[];
  readonly connections: Uint32Array;
  readonly protocols: Uint8Array;
  live: number;
}

/**
 * All messages of a capture in the order of their first bytes, in columns. A row is the message's `order`, which
 * never changes; rows of messages that are gone stay empty. Columns come in pages, and a page of which every
 * row is gone is let go, so a capture that runs for days needs no more than what is held of it.
 */
export class RowTable {
  readonly #pages: (Page | undefined)[] = [];
  #end = 0;
  #live = 0;

  /** The row that the next message gets, at least. */
  get end(): number {
    return this.#end;
  }

  /** Rows whose message is still there. */
  get live(): number {
    return this.#live;
  }

  /** Takes a message; false when it has its row already, and only what it says was taken over. */
  put(message: WireMessage): boolean {
    const { order } = message;
    const isNew = order >= this.#end;
    const page = isNew ? (this.#pages[order >> PAGE_BITS] ??= emptyPage()) : this.#pages[order >> PAGE_BITS];
    if (!page) return false;
    const slot = order % PAGE;
    page.protocols[slot] = PROTOCOL_NUMBERS[message.message.protocol];
    if (!isNew) return false;
    page.messages[slot] = message;
    page.connections[slot] = message.connection.id;
    page.live += 1;
    this.#live += 1;
    this.#end = order + 1;
    return true;
  }

  /** Empties a row; false when it was empty. */
  remove(row: number): boolean {
    const page = this.#pages[row >> PAGE_BITS];
    const slot = row % PAGE;
    if (page?.messages[slot] === undefined) return false;
    page.messages[slot] = undefined;
    page.live -= 1;
    this.#live -= 1;
    if (page.live === 0 && (row >> PAGE_BITS) + 1 < this.#pages.length)
      this.#pages[row >> PAGE_BITS] = undefined;
    return true;
  }

  message(row: number): WireMessage | undefined {
    return this.#pages[row >> PAGE_BITS]?.messages[row % PAGE];
  }

  connection(row: number): ConnectionId {
    return this.#pages[row >> PAGE_BITS]?.connections[row % PAGE] ?? 0;
  }

  /** Whether the row's message speaks this protocol. */
  speaks(row: number, protocol: MessageProtocol): boolean {
    return this.#pages[row >> PAGE_BITS]?.protocols[row % PAGE] === PROTOCOL_NUMBERS[protocol];
  }

  /** The first row from this one on in a page that is still there; `end` when there is none. */
  nextHeld(row: number): number {
    let number = row >> PAGE_BITS;
    if (this.#pages[number]) return row;
    while (number < this.#pages.length && !this.#pages[number]) number += 1;
    return Math.min(this.#end, number * PAGE);
  }

  /** How many rows before this one are still there. */
  rank(row: number): number {
    let count = 0;
    for (let number = 0; number < row >> PAGE_BITS; number++) count += this.#pages[number]?.live ?? 0;
    const page = this.#pages[row >> PAGE_BITS];
    if (!page) return count;
    const slot = row % PAGE;
    const filled = Math.min(PAGE, page.messages.length);
    if (page.live === filled) return count + slot;
    for (let before = 0; before < slot; before++) if (page.messages[before] !== undefined) count += 1;
    return count;
  }
}

function emptyPage(): Page {
  return {
    messages: [],
    connections: new Uint32Array(PAGE),
    protocols: new Uint8Array(PAGE),
    live: 0,
  };
}
