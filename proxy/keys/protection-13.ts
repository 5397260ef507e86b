import { openSealed } from './aead.ts';
import { numberedNonce } from './bytes.ts';
import { expandLabel } from './derivation.ts';
import type { Content, Protection } from './protection.ts';
import type { Suite } from './suite.ts';

const HEADER = 5;
const NONCE = 12;

/** Records of TLS 1.3 under one traffic secret (RFC 8446, 5.2 and 7.3). */
export class Protection13 implements Protection {
  readonly #suite: Suite;
  readonly #secret: Uint8Array;
  readonly #key: Uint8Array;
  readonly #vector: Uint8Array;

  constructor(suite: Suite, secret: Uint8Array) {
    this.#suite = suite;
    this.#secret = secret;
    this.#key = expandLabel(suite.hash, secret, 'key', suite.keyLength);
    this.#vector = expandLabel(suite.hash, secret, 'iv', NONCE);
  }

  open(record: Uint8Array, sequence: number): Content | undefined {
    const nonce = numberedNonce(this.#vector, sequence);
    const header = record.subarray(0, HEADER);
    const plaintext = openSealed(this.#suite, this.#key, nonce, header, record.subarray(HEADER));
    if (!plaintext) return undefined;
    let type = plaintext.length - 1;
    while (type > 0 && plaintext[type] === 0) type--;
    return {
      contentType: plaintext[type] ?? 0,
      content: plaintext.subarray(0, Math.max(0, type)),
      plaintext,
    };
  }

  /** The keys after a KeyUpdate (RFC 8446, 7.2). */
  updated(): Protection13 {
    const { hash } = this.#suite;
    return new Protection13(this.#suite, expandLabel(hash, this.#secret, 'traffic upd', hash.outputLen));
  }
}
