import { CLIENT_HELLO, SERVER_HELLO } from './handshake.ts';

/** A hello that has arrived whole, header included. */
export interface WholeHello {
  readonly type: number;
  readonly bytes: Uint8Array;
}

// A post-quantum ClientHello has about 2 KB; more than this is counted, not kept.
const LONGEST_HELLO = 64 * 1024;
const HEADER = 4;

/**
 * Follows the handshake messages in the plaintext records of one direction; they may share records and span
 * them (RFC 8446, 5.1). Keeps the hellos, counts the others.
 */
export class HandshakeAssembler {
  #header: number[] = [];
  #left = 0;
  #kept: Uint8Array | undefined;
  #keptLength = 0;

  #carriedOver = 0;
  /** The record began inside a message's header, so it does not know yet how much of it belongs to that message. */
  #headerIsCarriedOver = false;

  /** Bytes from the front of the present record on that belong to a message begun earlier, as far as is known. */
  get carriedOver(): number {
    return this.#carriedOver;
  }

  beginRecord(): void {
    this.#headerIsCarriedOver = this.#left === 0 && this.#header.length > 0;
    this.#carriedOver = this.#headerIsCarriedOver ? HEADER - this.#header.length : this.#left;
  }

  /** Takes content of handshake records, in any pieces; reports messages as they begin and hellos as they end. */
  push(bytes: Uint8Array, began: (type: number) => void, ended: (hello: WholeHello) => void): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#left === 0) {
        const byte = bytes[at++] ?? 0;
        if (this.#header.length === 0) began(byte);
        this.#header.push(byte);
        if (this.#header.length === HEADER) this.#begin();
      } else {
        const step = Math.min(this.#left, bytes.length - at);
        this.#kept?.set(bytes.subarray(at, at + step), this.#keptLength);
        this.#keptLength += step;
        this.#left -= step;
        at += step;
        if (this.#left === 0) this.#end(ended);
      }
    }
  }

  #begin(): void {
    const [type = 0, high = 0, middle = 0, low = 0] = this.#header;
    this.#left = high * 65536 + middle * 256 + low;
    if (this.#headerIsCarriedOver) this.#carriedOver += this.#left;
    this.#headerIsCarriedOver = false;
    const hello = (type === CLIENT_HELLO || type === SERVER_HELLO) && this.#left <= LONGEST_HELLO;
    this.#kept = hello ? new Uint8Array(HEADER + this.#left) : undefined;
    this.#kept?.set(this.#header);
    this.#keptLength = HEADER;
    if (this.#left === 0) this.#header = [];
  }

  #end(ended: (hello: WholeHello) => void): void {
    if (this.#kept) ended({ type: this.#header[0] ?? 0, bytes: this.#kept });
    this.#kept = undefined;
    this.#header = [];
  }
}
