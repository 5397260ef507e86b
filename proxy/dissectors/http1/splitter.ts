import type {
  Direction,
  GrowingMessage,
  HttpSummary,
  Message,
  MessageSink,
  Splitter,
  Surrender,
} from '../message.ts';
import { readUpgradeOffer } from '../websocket/upgrade.ts';
import { ChunkedCounter } from './chunked.ts';
import type { HttpExchange } from './exchange.ts';
import { type Framing, hasConflictingLengths, requestFraming, responseFraming } from './framing.ts';
import { findHeadEnd, type Head, readHead, type StartLine } from './head.ts';
import { HeadBuffer, LONGEST_HEAD } from './head-buffer.ts';

const EARLY = 'Begun before the connection changed its protocol, so where a message begins cannot be told.';

/**
 * Cuts one direction of HTTP/1.1 into messages. Only a head that arrives in pieces is copied (64 KB at most);
 * bodies pass by counters. Every direction may be fed any chunks; the messages are the same.
 */
export class HttpSplitter implements Splitter {
  readonly #sink: MessageSink;
  readonly #exchange: HttpExchange;
  readonly #fromClient: boolean;
  /** Of a head that arrives in pieces. */
  #pieces: HeadBuffer | undefined;
  #message: GrowingMessage | undefined;
  #framing: Framing = { how: 'none' };
  #left = 0;
  #chunked: ChunkedCounter | undefined;

  constructor(sink: MessageSink, direction: Direction, exchange: HttpExchange) {
    this.#sink = sink;
    this.#exchange = exchange;
    this.#fromClient = direction === 'client-to-server';
  }

  push(bytes: Uint8Array, offset: number, time: number): Surrender | undefined {
    let at = 0;
    while (at < bytes.length) {
      if (this.#message?.http === undefined) {
        if (this.#exchange.isSwitched) {
          // What a client sends before it has the 101 is neither HTTP nor, for certain, what comes after it.
          return this.#message ? this.#surrender(at, EARLY) : this.#exchange.surrender(at);
        }
        this.#message ??= this.#begin(offset + at, time);
        const read = this.#readHead(bytes, at, this.#message);
        this.#grow(this.#message, offset + read.at, time);
        if (read.broken !== undefined) return this.#surrender(read.at, read.broken);
        at = read.at;
        if (this.#message.http !== undefined && this.#framing.how === 'none') this.#finish();
      } else {
        const end = this.#readBody(bytes, at);
        this.#grow(this.#message, offset + end, time);
        if (this.#chunked?.broken)
          return this.#surrender(end, 'Broken chunked coding: where this body ends cannot be told.');
        if (this.#bodyEnded()) this.#finish();
        at = end;
      }
    }
    return undefined;
  }

  skip(length: number, offset: number, time: number): boolean {
    const message = this.#message;
    if (message?.http === undefined) return false;
    if (this.#framing.how === 'counted' && length <= this.#left) this.#left -= length;
    else if (this.#chunked && length <= this.#chunked.dataLeft) this.#chunked.skip(length);
    else if (this.#framing.how !== 'until-close') return false;
    this.#grow(message, offset + length, time);
    if (this.#bodyEnded()) this.#finish();
    return true;
  }

  close(): void {
    if (this.#message?.http !== undefined && this.#framing.how === 'until-close') this.#finish();
  }

  #begin(start: number, time: number): GrowingMessage {
    const kind = this.#fromClient ? 'request' : 'response';
    return this.#sink.open(start, time, 'http1', kind, this.#fromClient ? 'Request' : 'Response');
  }

  #readHead(bytes: Uint8Array, from: number, message: GrowingMessage): { at: number; broken?: string } {
    // Most heads lie in one chunk, and are read where they lie.
    const whole = this.#pieces ? undefined : readHead(bytes, from, from + LONGEST_HEAD);
    if (whole) return this.#takeHead(whole, bytes, from, whole.end, message);
    this.#pieces ??= new HeadBuffer();
    const read = this.#pieces.push(bytes, from, findHeadEnd);
    if (read.head === undefined) {
      return read.tooLong ? { at: read.at, broken: 'A head of more than 64 KB.' } : { at: read.at };
    }
    this.#pieces = undefined;
    return this.#takeHead(readHead(read.head, 0), read.head, 0, read.at, message);
  }

  /** The head begins at `start` of these bytes; `at` is the index behind it in what was pushed. */
  #takeHead(
    head: Head | undefined,
    bytes: Uint8Array,
    start: number,
    at: number,
    message: GrowingMessage,
  ): { at: number; broken?: string } {
    const line = head?.startLine;
    if (!head || line?.kind !== message.kind) {
      return { at, broken: `Does not begin with a ${this.#fromClient ? 'request' : 'status'} line.` };
    }
    const { end } = head;
    message.http = httpSummary(line, head.contentType, end - start);
    if (line.kind === 'request') {
      message.title = short(`${line.method} ${line.target}`);
      this.#framing = requestFraming(head);
      this.#exchange.asked(message, head.upgrade ? readUpgradeOffer(bytes.subarray(start, end)) : undefined);
    } else {
      const request = this.#exchange.answered(line.status);
      message.title = short(`${line.status} ${line.phrase}`.trim());
      if (request) message.answers = request;
      this.#framing = responseFraming(head, line.status, request?.http?.method);
      if (this.#framing.how === 'switch') this.#exchange.switchTo(request, bytes.subarray(start, end));
    }
    const detail = summarize(head);
    if (detail) message.detail = detail;
    const broken = this.#frame();
    return broken === undefined ? { at } : { at, broken };
  }

  /** Gets ready for the body; says why when its end cannot be told. */
  #frame(): string | undefined {
    const framing = this.#framing;
    this.#left = framing.how === 'counted' ? framing.length : 0;
    this.#chunked = framing.how === 'chunked' ? new ChunkedCounter() : undefined;
    if (framing.how === 'tunnel') this.#exchange.tunnel(framing.reason);
    if (framing.how === 'tunnel' || framing.how === 'switch') this.#framing = { how: 'none' };
    return framing.how === 'broken' ? framing.reason : undefined;
  }

  #readBody(bytes: Uint8Array, from: number): number {
    if (this.#chunked) return this.#chunked.push(bytes, from);
    if (this.#framing.how === 'until-close') return bytes.length;
    const step = Math.min(this.#left, bytes.length - from);
    this.#left -= step;
    return from + step;
  }

  #bodyEnded(): boolean {
    if (this.#chunked) return this.#chunked.done;
    return this.#framing.how === 'counted' && this.#left === 0;
  }

  #grow(message: GrowingMessage, end: number, time: number): void {
    message.end = end;
    message.endTime = time;
    this.#sink.touch(message);
  }

  #finish(): void {
    if (this.#message) this.#message.complete = true;
    this.#message = undefined;
    this.#chunked = undefined;
  }

  #surrender(from: number, reason: string): Surrender {
    const message: Message | undefined = this.#message;
    if (this.#message) this.#message.detail = message?.detail ? `${message.detail}; ${reason}` : reason;
    this.#message = undefined;
    return { from, reason };
  }
}

// Written out with just the keys each has: putting objects together key by key costs more than reading the head.
function httpSummary(line: StartLine, contentType: string | undefined, headLength: number): HttpSummary {
  if (line.kind === 'request') {
    const { method, target } = line;
    return contentType ? { headLength, contentType, method, target } : { headLength, method, target };
  }
  const { status } = line;
  return contentType ? { headLength, contentType, status } : { headLength, status };
}

function summarize(head: Head): string {
  const isPlain = head.setsCookies.length === 0 && !hasConflictingLengths(head);
  if (isPlain) return head.contentType ?? '';
  const parts = [head.contentType];
  if (head.setsCookies.length > 0)
    parts.push(`sets cookie ${short(head.setsCookies.slice(0, 3).join(', '))}`);
  if (hasConflictingLengths(head))
    parts.push(head.broken ? 'conflicting lengths' : 'both Transfer-Encoding and Content-Length');
  return parts.filter((part) => part).join(', ');
}

/** A list shows titles, and a target may be 64 KB long. */
function short(text: string): string {
  return text.length <= 160 ? text : `${text.slice(0, 159)}…`;
}
