import { joined } from '#keys/bytes.ts';
import { Refusal } from './alert.ts';

const HEADER = 4;
// A chain of certificates has a few KB.
const LONGEST = 1 << 16;

/** Puts the site's handshake messages together, which may span records or share one (RFC 8446, 5.1). */
export class HandshakeBuffer {
  #held: Uint8Array = new Uint8Array(0);

  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  push(content: Uint8Array): void {
    if (content.length === 0)
      throw new Refusal('unexpected_message', 'a handshake record of the site is empty');
    this.#held = joined(this.#held, content);
    if (this.#held.length >= HEADER && this.#length > LONGEST)
      throw new Refusal('illegal_parameter', `a handshake message of ${this.#length} bytes is too long`);
  }

  /** The first message, header included, if it is whole. */
  take(): Uint8Array | undefined {
    if (this.#held.length < HEADER || this.#held.length < this.#length) return undefined;
    const message = this.#held.subarray(0, this.#length);
    this.#held = this.#held.subarray(message.length);
    return message;
  }

  get #length(): number {
    const [, high = 0, middle = 0, low = 0] = this.#held;
    return HEADER + high * 65536 + middle * 256 + low;
  }
}
