import { joined, numberedNonce, uint } from '#keys/bytes.ts';
import { expandLabel } from '#keys/derivation.ts';
import { trafficKeys } from '#keys/schedule/key-schedule-13.ts';
import type { Suite } from '#keys/suite.ts';
import { seal, SEAL_LENGTH, unseal } from './aead.ts';
import { Refusal } from './alert.ts';
import { ALERT, APPLICATION_DATA, HANDSHAKE, TLS_1_2 } from './code-points.ts';
import { type Content, HEADER_LENGTH, LONGEST_CONTENT, type Protection } from './protection.ts';

/** Records of TLS 1.3 under one traffic secret, from its first record on (RFC 8446, 5.2 and 7.3). */
export class Protection13 implements Protection {
  readonly #suite: Suite;
  readonly #secret: Uint8Array;
  readonly #key: Uint8Array;
  readonly #vector: Uint8Array;
  #sequence = 0;

  constructor(suite: Suite, secret: Uint8Array) {
    this.#suite = suite;
    this.#secret = secret;
    const { key, iv } = trafficKeys(suite, secret);
    this.#key = key;
    this.#vector = iv;
  }

  seal({ type, bytes }: Content): Uint8Array {
    const inside = joined(bytes, Uint8Array.of(type));
    const header = joined(
      Uint8Array.of(APPLICATION_DATA),
      uint(TLS_1_2, 2),
      uint(inside.length + SEAL_LENGTH, 2),
    );
    return joined(header, seal(this.#suite, this.#key, this.#nonce(), header, inside));
  }

  open(record: Uint8Array): Content {
    const header = record.subarray(0, HEADER_LENGTH);
    if (header[0] !== APPLICATION_DATA)
      throw new Refusal('unexpected_message', 'a record came unprotected where the keys were agreed');
    const inside = unseal(this.#suite, this.#key, this.#nonce(), header, record.subarray(HEADER_LENGTH));
    if (!inside) throw new Refusal('bad_record_mac', 'a record of the site does not verify');
    if (inside.length > LONGEST_CONTENT + 1)
      throw new Refusal('record_overflow', 'a record of the site holds too much');
    return withoutPadding(inside);
  }

  /** The keys after a KeyUpdate (RFC 8446, 7.2). */
  updated(): Protection13 {
    const { hash } = this.#suite;
    return new Protection13(this.#suite, expandLabel(hash, this.#secret, 'traffic upd', hash.outputLen));
  }

  #nonce(): Uint8Array {
    return numberedNonce(this.#vector, this.#sequence++);
  }
}

/** Behind the content its type, then zeros (RFC 8446, 5.4). */
function withoutPadding(inside: Uint8Array): Content {
  const at = inside.findLastIndex((byte) => byte !== 0);
  const type = inside[at];
  if (type !== ALERT && type !== HANDSHAKE && type !== APPLICATION_DATA)
    throw new Refusal('unexpected_message', 'a record of the site holds no type of content that it may');
  return { type, bytes: inside.subarray(0, at) };
}
