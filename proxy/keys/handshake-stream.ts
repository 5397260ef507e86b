import { joined } from './bytes.ts';
import type { FinishedCheck } from './finished.ts';

/** A handshake message that has arrived whole, header included. */
export interface HandshakeMessage {
  readonly bytes: Uint8Array;
  /** How many records it came in. */
  readonly records: number;
  /** Of a Finished: whether it follows from the messages before it. */
  readonly finished?: FinishedCheck;
}

// A certificate chain has a few KB. More than this is a length that was never meant as one.
const LONGEST = 1024 * 1024;
const HEADER = 4;

/** Puts the handshake messages of one direction together from the content of its records (RFC 8446, 5.1). */
export class HandshakeStream {
  #pieces: Uint8Array[] = [];
  #held = 0;
  #records = 0;
  #broken = false;

  /** Bytes at the front of the next content that belong to the message that has begun. */
  get outstanding(): number {
    if (this.#held === 0) return 0;
    return this.#held < HEADER ? HEADER - this.#held : lengthOf(joined(...this.#pieces)) - this.#held;
  }

  /** Takes the content of one record; returns the messages that end in it. */
  push(content: Uint8Array): readonly HandshakeMessage[] {
    if (this.#broken || content.length === 0) return [];
    this.#pieces.push(content);
    this.#held += content.length;
    this.#records += 1;
    const ended: HandshakeMessage[] = [];
    let rest = this.#wholeOr(content);
    if (!rest) return [];
    while (rest.length >= HEADER && rest.length >= lengthOf(rest)) {
      const length = lengthOf(rest);
      ended.push({ bytes: rest.subarray(0, length), records: this.#records });
      rest = rest.subarray(length);
      this.#records = 1;
    }
    this.#pieces = rest.length > 0 ? [rest] : [];
    this.#held = rest.length;
    if (rest.length === 0) this.#records = 0;
    if (rest.length >= HEADER && lengthOf(rest) > LONGEST) this.#giveUp();
    return ended;
  }

  /** Records are missing or unreadable: what has begun will never end. */
  lose(): void {
    this.#pieces = [];
    this.#held = 0;
    this.#records = 0;
  }

  /** All that is held, once a message may end in it; joining each time would cost the square of its records. */
  #wholeOr(content: Uint8Array): Uint8Array | undefined {
    const [first] = this.#pieces;
    if (this.#pieces.length === 1 || !first) return content;
    if (first.length >= HEADER && this.#held < lengthOf(first)) return undefined;
    return joined(...this.#pieces);
  }

  #giveUp(): void {
    this.lose();
    this.#broken = true;
  }
}

function lengthOf(bytes: Uint8Array): number {
  const [, high = 0, middle = 0, low = 0] = bytes;
  return HEADER + high * 65536 + middle * 256 + low;
}
