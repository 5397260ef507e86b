import type { Message } from '../message.ts';

// More requests without an answer than any client pipelines; beyond it responses stay unpaired.
const MOST_WAITING = 10_000;

/** What the two directions of one HTTP connection must know of each other. */
export class HttpExchange {
  /** Set once the connection speaks no HTTP any more; says why. */
  tunnel: string | undefined;
  #waiting: Message[] = [];
  #first = 0;

  asked(request: Message): void {
    if (this.#waiting.length - this.#first < MOST_WAITING) this.#waiting.push(request);
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
