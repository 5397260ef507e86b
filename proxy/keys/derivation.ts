import { expand } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import type { CHash } from '@noble/hashes/utils.js';
import { joined, uint } from './bytes.ts';

const encoder = new TextEncoder();

/** HKDF-Expand-Label; without a context, all traffic keys are made by it (RFC 8446, 7.1 and 7.3). */
export function expandLabel(
  hash: CHash,
  secret: Uint8Array,
  label: string,
  length: number,
  context: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const name = encoder.encode(`tls13 ${label}`);
  const info = joined(uint(length, 2), uint(name.length, 1), name, uint(context.length, 1), context);
  return expand(hash, secret, info, length);
}

/** The pseudorandom function of TLS 1.2 (RFC 5246, 5). */
export function pseudorandom(
  hash: CHash,
  secret: Uint8Array,
  label: string,
  seed: Uint8Array,
  length: number,
): Uint8Array {
  const labelled = joined(encoder.encode(label), seed);
  const pieces: Uint8Array[] = [];
  let chain = labelled;
  for (let made = 0; made < length; made += hash.outputLen) {
    chain = hmac(hash, secret, chain);
    pieces.push(hmac(hash, secret, joined(chain, labelled)));
  }
  return joined(...pieces).subarray(0, length);
}
