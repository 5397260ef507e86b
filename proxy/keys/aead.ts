import { cbc, ctr, gcm } from '@noble/ciphers/aes.js';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { joined, sameBytes, uint } from './bytes.ts';
import type { Suite } from './suite.ts';

const BLOCK = 16;

/** Undoes an AEAD; undefined when the tag does not verify, and then nothing of the content is given away. */
export function openSealed(
  suite: Suite,
  key: Uint8Array,
  nonce: Uint8Array,
  additional: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  if (sealed.length < suite.tagLength) return undefined;
  if (suite.cipher === 'aes-ccm') return openCcm(key, nonce, additional, sealed, suite.tagLength);
  const cipher =
    suite.cipher === 'aes-gcm' ? gcm(key, nonce, additional) : chacha20poly1305(key, nonce, additional);
  try {
    return cipher.decrypt(sealed);
  } catch {
    // The library's way to say that the tag is wrong; with keys and nonces of these lengths it has no other error.
    return undefined;
  }
}

/** RFC 3610 with L = 3, as TLS uses it (RFC 6655, 3; RFC 8446, 5.3). */
function openCcm(
  key: Uint8Array,
  nonce: Uint8Array,
  additional: Uint8Array,
  sealed: Uint8Array,
  tagLength: number,
): Uint8Array | undefined {
  const length = sealed.length - tagLength;
  const counter = joined(Uint8Array.of(2), nonce, uint(0, 3));
  // The first block of the key stream hides the tag, the ones after it the content.
  const stream = joined(
    sealed.subarray(length),
    new Uint8Array(BLOCK - tagLength),
    sealed.subarray(0, length),
  );
  const clear = ctr(key, counter).decrypt(stream);
  const content = clear.subarray(BLOCK);
  const flags = 64 + ((tagLength - 2) / 2) * 8 + 2;
  const blocks = joined(
    joined(Uint8Array.of(flags), nonce, uint(length, 3)),
    padded(joined(uint(additional.length, 2), additional)),
    padded(content),
  );
  const chained = cbc(key, new Uint8Array(BLOCK), { disablePadding: true }).encrypt(blocks);
  const tag = chained.subarray(chained.length - BLOCK, chained.length - BLOCK + tagLength);
  return sameBytes(tag, clear.subarray(0, tagLength)) ? content : undefined;
}

function padded(bytes: Uint8Array): Uint8Array {
  return joined(bytes, new Uint8Array((BLOCK - (bytes.length % BLOCK)) % BLOCK));
}
