import { openSealed } from './aead.ts';
import { joined, numberedNonce, uint } from './bytes.ts';
import { openCbc } from './cbc.ts';
import type { Content, Protection } from './protection.ts';
import { cutKeyBlock, keyBlock12 } from './schedule/key-block-12.ts';
import type { Suite } from './suite.ts';

const HEADER = 5;
const EXPLICIT_NONCE = 8;

/** What both ends of a TLS 1.2 connection compute their keys from. */
export interface MasterSecret {
  readonly secret: Uint8Array;
  readonly clientRandom: Uint8Array;
  readonly serverRandom: Uint8Array;
  readonly encryptThenMac: boolean;
}

/** The keys of both directions (RFC 5246, 6.3). */
export function protections12(
  suite: Suite,
  master: MasterSecret,
): { readonly client: Protection; readonly server: Protection } {
  const randoms = { client: master.clientRandom, server: master.serverRandom };
  const keys = cutKeyBlock(suite, keyBlock12(suite, master.secret, randoms));
  const side = (mac: Uint8Array, key: Uint8Array, vector: Uint8Array): Protection =>
    suite.cipher === 'aes-cbc'
      ? new CbcProtection(suite, key, mac, master.encryptThenMac)
      : new AeadProtection(suite, key, vector);
  return {
    client: side(keys.clientMacKey, keys.clientKey, keys.clientVector),
    server: side(keys.serverMacKey, keys.serverKey, keys.serverVector),
  };
}

class AeadProtection implements Protection {
  readonly #suite: Suite;
  readonly #key: Uint8Array;
  readonly #vector: Uint8Array;

  constructor(suite: Suite, key: Uint8Array, vector: Uint8Array) {
    this.#suite = suite;
    this.#key = key;
    this.#vector = vector;
  }

  open(record: Uint8Array, sequence: number): Content | undefined {
    const explicit = this.#vector.length === 4 ? EXPLICIT_NONCE : 0;
    const sealed = record.subarray(HEADER + explicit);
    const length = sealed.length - this.#suite.tagLength;
    if (length < 0) return undefined;
    const nonce =
      explicit === 0
        ? numberedNonce(this.#vector, sequence)
        : joined(this.#vector, record.subarray(HEADER, HEADER + explicit));
    const content = openSealed(
      this.#suite,
      this.#key,
      nonce,
      authenticated(record, sequence, length),
      sealed,
    );
    return content && { contentType: record[0] ?? 0, content, plaintext: content };
  }
}

class CbcProtection implements Protection {
  readonly #suite: Suite;
  readonly #key: Uint8Array;
  readonly #macKey: Uint8Array;
  readonly #encryptThenMac: boolean;

  constructor(suite: Suite, key: Uint8Array, macKey: Uint8Array, encryptThenMac: boolean) {
    this.#suite = suite;
    this.#key = key;
    this.#macKey = macKey;
    this.#encryptThenMac = encryptThenMac;
  }

  open(record: Uint8Array, sequence: number): Content | undefined {
    const content = openCbc(record.subarray(HEADER), {
      key: this.#key,
      macKey: this.#macKey,
      mac: this.#suite.mac,
      encryptThenMac: this.#encryptThenMac,
      authenticated: (length) => authenticated(record, sequence, length),
    });
    return content && { contentType: record[0] ?? 0, content, plaintext: content };
  }
}

/** The number, type, version and length that tag or MAC cover besides the content (RFC 5246, 6.2.3). */
function authenticated(record: Uint8Array, sequence: number, length: number): Uint8Array {
  return joined(uint(sequence, 8), record.subarray(0, 3), uint(length, 2));
}
