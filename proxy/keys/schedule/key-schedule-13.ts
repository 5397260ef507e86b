import { extract } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import type { CHash } from '@noble/hashes/utils.js';
import { expandLabel } from '../derivation.ts';
import type { Suite } from '../suite.ts';

/** The labels of Derive-Secret (RFC 8446, 7.1). */
export type SecretPurpose =
  | 'res binder'
  | 'ext binder'
  | 'c e traffic'
  | 'e exp master'
  | 'derived'
  | 'c hs traffic'
  | 's hs traffic'
  | 'c ap traffic'
  | 's ap traffic'
  | 'exp master'
  | 'res master';

export interface TrafficKeys {
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
}

const IV_LENGTH = 12;

/** As many zeros as the hash has bytes: what stands for a secret that is not there (RFC 8446, 7.1). */
export function noSecret({ hash }: Suite): Uint8Array {
  return new Uint8Array(hash.outputLen);
}

/** Early Secret: HKDF-Extract over the pre-shared key, or over zeros (RFC 8446, 7.1). */
export function earlySecret(suite: Suite, preShared: Uint8Array = noSecret(suite)): Uint8Array {
  return extract(suite.hash, preShared, noSecret(suite));
}

/** Handshake Secret: what was agreed on, or zeros, with what comes of the Early Secret as the salt (RFC 8446, 7.1). */
export function handshakeSecret(
  suite: Suite,
  derived: Uint8Array,
  shared: Uint8Array = noSecret(suite),
): Uint8Array {
  return extract(suite.hash, shared, derived);
}

/** Master Secret: nothing new goes in any more (RFC 8446, 7.1). */
export function masterSecret(suite: Suite, derived: Uint8Array): Uint8Array {
  return extract(suite.hash, noSecret(suite), derived);
}

/** Derive-Secret; `transcript` is the Transcript-Hash, without it that of no messages (RFC 8446, 7.1). */
export function deriveSecret(
  { hash }: Suite,
  secret: Uint8Array,
  purpose: SecretPurpose,
  transcript: Uint8Array = emptyHash(hash),
): Uint8Array {
  return expandLabel(hash, secret, purpose, hash.outputLen, transcript);
}

/** What records are sealed with under a traffic secret, as long as the suite needs it (RFC 8446, 7.3). */
export function trafficKeys({ hash, keyLength }: Suite, secret: Uint8Array): TrafficKeys {
  return {
    key: expandLabel(hash, secret, 'key', keyLength),
    iv: expandLabel(hash, secret, 'iv', IV_LENGTH),
  };
}

/** finished_key: under which a Finished, or the binder of a pre-shared key, is made (RFC 8446, 4.4.4 and 4.2.11.2). */
export function finishedKey({ hash }: Suite, secret: Uint8Array): Uint8Array {
  return expandLabel(hash, secret, 'finished', hash.outputLen);
}

/** verify_data of a Finished over the handshake before it (RFC 8446, 4.4.4). */
export function verifyData({ hash }: Suite, key: Uint8Array, transcript: Uint8Array): Uint8Array {
  return hmac(hash, key, transcript);
}

/** The pre-shared key that a ticket stands for (RFC 8446, 4.6.1). */
export function ticketKey({ hash }: Suite, resumptionSecret: Uint8Array, nonce: Uint8Array): Uint8Array {
  return expandLabel(hash, resumptionSecret, 'resumption', hash.outputLen, nonce);
}

function emptyHash(hash: CHash): Uint8Array {
  return hash(new Uint8Array(0));
}
