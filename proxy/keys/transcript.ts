import type { CHash } from '@noble/hashes/utils.js';
import { joined, uint } from './bytes.ts';
import {
  CLIENT_HELLO,
  FINISHED,
  HELLO_REQUEST,
  KEY_UPDATE,
  NEW_SESSION_TICKET,
  SERVER_HELLO,
} from './handshake-types.ts';
import { suiteOf } from './suite.ts';

const MESSAGE_HASH = 254;
const RANDOM = { start: 6, end: 38 };
// SHA-256 of "HelloRetryRequest" (RFC 8446, 4.1.3).
const RETRY = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';
// Two chains of certificates and all around them fit many times over.
const LONGEST = 1024 * 1024;

/** The handshake messages of both directions in the order in which they count (RFC 8446, 4.4.1; RFC 5246, 7.4.9). */
export class Transcript {
  #messages: Uint8Array[] = [];
  #size = 0;
  #finished = 0;
  #isRetried = false;
  /** Begins with a ClientHello; nothing of it is known to be missing. */
  #isWhole = false;

  /** Both ends have said Finished: nothing more belongs to it. */
  get isOver(): boolean {
    return this.#finished >= 2;
  }

  /** `cipherSuite`: of the ServerHello, once there was one; `is13`: it agreed on TLS 1.3. */
  add(message: Uint8Array, { is13, cipherSuite }: { is13: boolean; cipherSuite: number | undefined }): void {
    const [type = 0] = message;
    if (type === CLIENT_HELLO && !this.#isRetried) this.#begin();
    // What comes after the handshake, or asks for one, is no part of it, even if it comes before the last Finished.
    else if (type === HELLO_REQUEST || this.isOver) return;
    else if (is13 && (type === NEW_SESSION_TICKET || type === KEY_UPDATE)) return;
    if (type === CLIENT_HELLO) this.#isRetried = false;
    if (type === FINISHED) this.#finished += 1;
    if (type === SERVER_HELLO && isRetry(message)) this.#retry(cipherSuite);
    if (!this.#isWhole) return;
    this.#messages.push(message);
    this.#size += message.length;
    if (this.#size > LONGEST) this.lose();
  }

  /** A message may be missing before the next one. */
  lose(): void {
    this.#isWhole = false;
    this.#messages = [];
    this.#size = 0;
  }

  /** The hash of all so far; undefined when something is missing. */
  hashed(hash: CHash): Uint8Array | undefined {
    return this.#isWhole ? hash(joined(...this.#messages)) : undefined;
  }

  #begin(): void {
    this.#messages = [];
    this.#size = 0;
    this.#finished = 0;
    this.#isWhole = true;
  }

  /** The first ClientHello stands in it as its hash (RFC 8446, 4.4.1). */
  #retry(cipherSuite: number | undefined): void {
    this.#isRetried = true;
    const hash = cipherSuite === undefined ? undefined : suiteOf(cipherSuite)?.hash;
    const first = hash && this.hashed(hash);
    if (!first) this.lose();
    else this.#messages = [joined(Uint8Array.of(MESSAGE_HASH), uint(first.length, 3), first)];
  }
}

function isRetry(message: Uint8Array): boolean {
  const random = message.subarray(RANDOM.start, RANDOM.end);
  return Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('') === RETRY;
}
