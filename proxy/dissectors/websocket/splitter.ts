import type { Direction, GrowingMessage, MessageSink, Splitter, Surrender } from '../message.ts';
import { frameHeadLength, LONGEST_FRAME_HEAD, readFrameHead, unmasked } from './frame-head.ts';
import type { FrameMessage, FrameSummary } from './frame-message.ts';
import { FrameRules } from './frame-rules.ts';
import { frameDetail, frameTitle, TITLE_BYTES } from './frame-title.ts';
import type { WebSocketTerms } from './upgrade.ts';

// A peer hangs up at the first broken rule; behind so many this is hardly WebSocket any more.
const MOST_FAULTY = 16;

type GrowingFrame = GrowingMessage & { -readonly [Key in keyof FrameMessage]: FrameMessage[Key] };

/**
 * Cuts one direction of a WebSocket connection into frames (RFC 6455, 5). Keeps a header and the first bytes of a
 * payload, which the title quotes; the rest passes by a counter, and is not unmasked.
 */
export class WebSocketSplitter implements Splitter {
  readonly #sink: MessageSink;
  readonly #rules: FrameRules;
  readonly #head = new Uint8Array(LONGEST_FRAME_HEAD);
  #headLength = 0;
  #message: GrowingFrame | undefined;
  #frame: FrameSummary | undefined;
  #left = 0;
  readonly #beginning = new Uint8Array(TITLE_BYTES);
  #beginningLength = 0;
  #isBeginningKnown = true;
  #faulty = 0;

  constructor(sink: MessageSink, direction: Direction, terms: WebSocketTerms) {
    this.#sink = sink;
    this.#rules = new FrameRules(direction === 'client-to-server', terms);
  }

  push(bytes: Uint8Array, offset: number, time: number): Surrender | undefined {
    let at = 0;
    while (at < bytes.length) {
      if (!this.#message && this.#faulty >= MOST_FAULTY)
        return {
          from: at,
          reason: `After ${MOST_FAULTY} frames that break the rules this is hardly WebSocket.`,
        };
      const message = (this.#message ??= this.#sink.open(offset + at, time, 'websocket', 'frame', 'Frame'));
      at = this.#frame ? this.#readPayload(bytes, at) : this.#readHead(bytes, at, message);
      this.#grow(message, offset + at, time);
      if (this.#left === Infinity) {
        message.detail = 'Says a length that no peer could send, so where this frame ends cannot be told.';
        return { from: at, reason: message.detail };
      }
      if (this.#frame && this.#left === 0) this.#finish(message, this.#frame);
    }
    return undefined;
  }

  skip(length: number, offset: number, time: number): boolean {
    const message = this.#message;
    if (!message || !this.#frame || length > this.#left) return false;
    this.#left -= length;
    this.#isBeginningKnown &&= this.#beginningLength === TITLE_BYTES;
    this.#grow(message, offset + length, time);
    if (this.#left === 0) this.#finish(message, this.#frame);
    return true;
  }

  close(): void {
    // A frame that lacks bytes stays incomplete.
  }

  #readHead(bytes: Uint8Array, from: number, message: GrowingFrame): number {
    let at = from;
    while (at < bytes.length) {
      this.#head[this.#headLength++] = bytes[at++] ?? 0;
      if (this.#headLength >= 2 && this.#headLength === frameHeadLength(this.#head[1] ?? 0)) {
        this.#begin(message);
        break;
      }
    }
    return at;
  }

  #begin(message: GrowingFrame): void {
    const head = readFrameHead(this.#head);
    this.#left = head.payloadLength;
    if (this.#left === Infinity) return;
    const frame = this.#rules.judge(head);
    if (frame.faults.length > 0) this.#faulty++;
    this.#frame = frame;
    this.#beginningLength = 0;
    this.#isBeginningKnown = true;
    message.frame = frame;
    message.title = frameTitle(frame);
    message.detail = frameDetail(frame);
  }

  #readPayload(bytes: Uint8Array, from: number): number {
    const step = Math.min(this.#left, bytes.length - from);
    const kept = Math.min(step, TITLE_BYTES - this.#beginningLength);
    if (kept > 0 && this.#isBeginningKnown) {
      this.#beginning.set(bytes.subarray(from, from + kept), this.#beginningLength);
      this.#beginningLength += kept;
    }
    this.#left -= step;
    return from + step;
  }

  #finish(message: GrowingFrame, frame: FrameSummary): void {
    if (this.#isBeginningKnown) {
      const kept = this.#beginning.subarray(0, this.#beginningLength);
      const key = this.#head.subarray(frame.headLength - 4, frame.headLength);
      message.title = frameTitle(frame, frame.masked && kept.length > 0 ? unmasked(kept, key) : kept);
    }
    message.complete = true;
    this.#message = undefined;
    this.#frame = undefined;
    this.#headLength = 0;
  }

  #grow(message: GrowingFrame, end: number, time: number): void {
    message.end = end;
    message.endTime = time;
    this.#sink.touch(message);
  }
}
