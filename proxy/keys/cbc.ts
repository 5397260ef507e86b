import { cbc } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import type { CHash } from '@noble/hashes/utils.js';
import { joined, sameBytes } from './bytes.ts';

const BLOCK = 16;

/** The keys of CBC in TLS 1.2, and what its MAC covers besides the content. */
export interface CbcKeys {
  readonly key: Uint8Array;
  readonly macKey: Uint8Array;
  readonly mac: CHash;
  /** Whether the MAC is over the ciphertext (RFC 7366) rather than over the content (RFC 5246, 6.2.3.2). */
  readonly encryptThenMac: boolean;
  readonly authenticated: (length: number) => Uint8Array;
}

/** Opens the fragment of a record: 16 bytes of initialisation vector, then blocks; undefined when it does not verify. */
export function openCbc(fragment: Uint8Array, keys: CbcKeys): Uint8Array | undefined {
  return keys.encryptThenMac ? openMacked(fragment, keys) : openMacInside(fragment, keys);
}

function openMacked(fragment: Uint8Array, keys: CbcKeys): Uint8Array | undefined {
  const length = fragment.length - keys.mac.outputLen;
  if (length < 0) return undefined;
  const sealed = fragment.subarray(0, length);
  return verifies(sealed, fragment.subarray(length), keys) ? decrypted(sealed, keys.key) : undefined;
}

function openMacInside(fragment: Uint8Array, keys: CbcKeys): Uint8Array | undefined {
  const inside = decrypted(fragment, keys.key);
  const length = (inside?.length ?? 0) - keys.mac.outputLen;
  if (!inside || length < 0) return undefined;
  const content = inside.subarray(0, length);
  return verifies(content, inside.subarray(length), keys) ? content : undefined;
}

function verifies(covered: Uint8Array, mac: Uint8Array, keys: CbcKeys): boolean {
  const expected = hmac(keys.mac, keys.macKey, joined(keys.authenticated(covered.length), covered));
  return sameBytes(expected, mac);
}

/** Without its padding: the last byte says how many more there are, all of that value (RFC 5246, 6.2.3.2). */
function decrypted(sealed: Uint8Array, key: Uint8Array): Uint8Array | undefined {
  if (sealed.length < 2 * BLOCK || sealed.length % BLOCK !== 0) return undefined;
  const cipher = cbc(key, sealed.subarray(0, BLOCK), { disablePadding: true });
  const blocks = cipher.decrypt(sealed.subarray(BLOCK));
  const padding = blocks.at(-1) ?? 0;
  const length = blocks.length - padding - 1;
  if (length < 0 || blocks.subarray(length).some((byte) => byte !== padding)) return undefined;
  return blocks.subarray(0, length);
}
