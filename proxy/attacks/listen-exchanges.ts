import type { BytesCaptured, ConnectionId, LogEvent } from '#contract';
import { ConnectionDissector } from '#dissectors/connection.ts';
import type { Message } from '#dissectors/message.ts';

/** Sealed records of one direction that follow each other: their bytes with headers, and where they lie. */
export interface SealedRun {
  readonly bytes: number;
  /** Half-open, in the direction's stream. */
  readonly start: number;
  readonly end: number;
}

/** What anybody on the way sees of a request and its answer: how long they are, and when they come. */
export interface Exchange {
  readonly request: SealedRun;
  /** All that came back before the client sent again; absent while nothing has. */
  readonly answer?: SealedRun;
  /** Between the last record of the request and the first of the answer. */
  readonly milliseconds?: number;
}

const APPLICATION_DATA = 23;
// OpenSSL sends two session tickets after a full handshake, one after a resumed one (NewSessionTicket, RFC 8446, 4.6.1).
const MOST_TICKETS = 2;
// A ticket of the lab's sites makes a record of less than 300 bytes; the head of an answer alone is longer.
const LARGEST_TICKET = 400;

/**
 * Pairs requests with answers by nothing but direction and order, which works where a client waits for an answer before
 * it asks again, as everybody does in HTTP/1.1. A WebSocket looks like it and is not.
 */
export class ExchangeReader {
  readonly #dissector = new ConnectionDissector();
  readonly #exchanges: Exchange[] = [];
  #tickets = 0;
  #asked = 0;

  get exchanges(): readonly Exchange[] {
    return this.#exchanges;
  }

  /** Takes the next bytes of the connection, in the order of the log. */
  push({ direction, offset, bytes, time }: BytesCaptured): void {
    for (const message of this.#dissector.push(direction, offset, bytes, time))
      if (isSealedData(message)) this.#take(message);
  }

  #take(record: Message): void {
    const last = this.#exchanges.at(-1);
    if (record.direction === 'client-to-server') {
      this.#asked = record.endTime;
      if (!last || last.answer) this.#exchanges.push({ request: grown(undefined, record) });
      else this.#exchanges[this.#exchanges.length - 1] = { request: grown(last.request, record) };
      return;
    }
    if (!last || this.#isTicket(record)) return;
    const milliseconds = last.milliseconds ?? (record.time - this.#asked) / 1e6;
    this.#exchanges[this.#exchanges.length - 1] = {
      ...{ request: last.request, milliseconds },
      answer: grown(last.answer, record),
    };
  }

  /** Whether it looks like what the site sends of its own accord at the start: it stands in front, and is short. */
  #isTicket({ start, end }: Message): boolean {
    const isFirst = this.#exchanges.length === 1 && this.#exchanges[0]?.answer === undefined;
    if (!isFirst || this.#tickets === MOST_TICKETS || end - start > LARGEST_TICKET) return false;
    this.#tickets += 1;
    return true;
  }
}

/** The exchanges of one connection, from what was captured of it. */
export function exchangesOn(events: readonly LogEvent[], connection: ConnectionId): readonly Exchange[] {
  const reader = new ExchangeReader();
  for (const event of events)
    if (event.type === 'bytes-captured' && event.connection === connection) reader.push(event);
  return reader.exchanges;
}

function isSealedData({ complete, tls }: Message): boolean {
  // Without what its place or its size makes a handshake message or an alert.
  return complete && tls?.contentType === APPLICATION_DATA && tls.guess === undefined;
}

function grown(run: SealedRun | undefined, { start, end }: Message): SealedRun {
  return { bytes: (run?.bytes ?? 0) + end - start, start: run?.start ?? start, end };
}
