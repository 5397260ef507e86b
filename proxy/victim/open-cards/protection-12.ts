import { joined, numberedNonce, uint } from '#keys/bytes.ts';
import type { Suite } from '#keys/suite.ts';
import { seal, SEAL_LENGTH, unseal } from './aead.ts';
import { Refusal } from './alert.ts';
import { TLS_1_2 } from './code-points.ts';
import { type Content, HEADER_LENGTH, LONGEST_CONTENT, type Protection } from './protection.ts';

const EXPLICIT_NONCE = 8;

/** Records of TLS 1.2 under one key, from its first record on (RFC 5288, 3; RFC 7905, 2). */
export class Protection12 implements Protection {
  readonly #suite: Suite;
  readonly #key: Uint8Array;
  readonly #vector: Uint8Array;
  #sequence = 0;

  /** `vector`: the fixed part of the nonce, four bytes of GCM and twelve of ChaCha20. */
  constructor(suite: Suite, key: Uint8Array, vector: Uint8Array) {
    this.#suite = suite;
    this.#key = key;
    this.#vector = vector;
  }

  seal({ type, bytes }: Content): Uint8Array {
    const number = uint(this.#sequence++, EXPLICIT_NONCE);
    const explicit = this.#isGcm ? number : new Uint8Array(0);
    const sealed = seal(
      this.#suite,
      this.#key,
      this.#nonce(number),
      associated(number, type, bytes.length),
      bytes,
    );
    const header = joined(Uint8Array.of(type), uint(TLS_1_2, 2), uint(explicit.length + sealed.length, 2));
    return joined(header, explicit, sealed);
  }

  open(record: Uint8Array): Content {
    const [type = 0] = record;
    const number = uint(this.#sequence++, EXPLICIT_NONCE);
    const start = HEADER_LENGTH + (this.#isGcm ? EXPLICIT_NONCE : 0);
    const nonce = this.#nonce(this.#isGcm ? record.subarray(HEADER_LENGTH, start) : number);
    const sealed = record.subarray(start);
    const length = sealed.length - SEAL_LENGTH;
    const bytes =
      length < 0
        ? undefined
        : unseal(this.#suite, this.#key, nonce, associated(number, type, length), sealed);
    if (!bytes) throw new Refusal('bad_record_mac', 'a record of the site does not verify');
    if (bytes.length > LONGEST_CONTENT)
      throw new Refusal('record_overflow', 'a record of the site holds too much');
    return { type, bytes };
  }

  get #isGcm(): boolean {
    return this.#suite.cipher === 'aes-gcm';
  }

  #nonce(number: Uint8Array): Uint8Array {
    if (this.#isGcm) return joined(this.#vector, number);
    return numberedNonce(this.#vector, this.#sequence - 1);
  }
}

/** What the tag covers beside the content (RFC 5246, 6.2.3.3). */
function associated(number: Uint8Array, type: number, length: number): Uint8Array {
  return joined(number, Uint8Array.of(type), uint(TLS_1_2, 2), uint(length, 2));
}
