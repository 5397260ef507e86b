import type { GrowingMessage, MessageSink, Splitter } from './message.ts';

/** Bytes of which nothing is known but why: one message that grows to the end of the direction. */
export class UnknownSplitter implements Splitter {
  readonly #sink: MessageSink;
  readonly #reason: string;
  #message: GrowingMessage | undefined;

  constructor(sink: MessageSink, reason: string) {
    this.#sink = sink;
    this.#reason = reason;
  }

  push(bytes: Uint8Array, offset: number, time: number): undefined {
    if (!this.#message) {
      this.#message = this.#sink.open(offset, time, 'unknown', 'unknown', 'Unknown bytes');
      this.#message.detail = this.#reason;
    }
    this.#message.end = offset + bytes.length;
    this.#message.endTime = time;
    this.#sink.touch(this.#message);
  }

  skip(): boolean {
    return true;
  }

  close(): void {
    if (!this.#message) return;
    this.#message.complete = true;
    this.#sink.touch(this.#message);
  }
}
