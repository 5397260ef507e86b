import type { Message, Surrender } from '../message.ts';
import { judgeUpgrade, type UpgradeOffer, type WebSocketTerms } from '../websocket/upgrade.ts';

// More requests without an answer than any client pipelines; beyond it responses stay unpaired.
const MOST_WAITING = 10_000;

/** No HTTP follows, but WebSocket frames do. */
interface Switch extends Surrender {
  readonly websocket: WebSocketTerms;
}

export function isSwitch(surrender: Surrender): surrender is Switch {
  return 'websocket' in surrender;
}

/** What the two directions of one HTTP connection must know of each other. */
export class HttpExchange {
  #tunnel: string | undefined;
  #websocket: WebSocketTerms | undefined;
  #waiting: Message[] = [];
  #offers: WeakMap<Message, UpgradeOffer> | undefined;
  #first = 0;

  /** The connection speaks no HTTP any more. */
  get isSwitched(): boolean {
    return this.#tunnel !== undefined;
  }

  asked(request: Message, offer?: UpgradeOffer): void {
    if (this.#waiting.length - this.#first >= MOST_WAITING) return;
    this.#waiting.push(request);
    if (offer) (this.#offers ??= new WeakMap()).set(request, offer);
  }

  /** A 101 with this head answers the request: both directions go on in what they agreed on. */
  switchTo(request: Message | undefined, head: Uint8Array): void {
    const terms = judgeUpgrade(request && this.#offers?.get(request), head);
    if (typeof terms === 'string') this.#tunnel = terms;
    else {
      this.#websocket = terms;
      this.#tunnel = 'After 101 Switching Protocols the connection speaks WebSocket.';
    }
  }

  /** From here on both directions are bytes that HTTP says nothing about. */
  tunnel(reason: string): void {
    this.#tunnel = reason;
  }

  /** How a direction goes on whose HTTP ends at this index of the pushed bytes. */
  surrender(from: number): Surrender | Switch {
    const reason = this.#tunnel ?? '';
    return this.#websocket ? { from, reason, websocket: this.#websocket } : { from, reason };
  }

  /** The request that a response with this status answers: in order, as RFC 9112, 9.3.2 wants it. */
  answered(status: number): Message | undefined {
    const request = this.#waiting[this.#first];
    // Informational responses come before the real one, which answers the same request (RFC 9110, 15.2).
    if (status >= 100 && status < 200 && status !== 101) return request;
    if (request) this.#first++;
    if (this.#first > 1000) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
    return request;
  }
}
