import { sha256 } from '@noble/hashes/sha2.js';

const SHA_256_HEX = /^[0-9a-f]{64}$/i;
const encoder = new TextEncoder();

/**
 * Whether a value is the SHA-256, in hex, of one of these passwords, alone or behind the mobile number and a colon, as
 * pages send it that "hash the password in the browser".
 */
export function isPasswordHash(
  value: string,
  passwords: readonly string[],
  mobiles: readonly string[],
): boolean {
  if (!SHA_256_HEX.test(value)) return false;
  const wanted = value.toLowerCase();
  const hashed = passwords.flatMap((password) => [
    password,
    ...mobiles.map((mobile) => `${mobile}:${password}`),
  ]);
  return hashed.some((text) => hex(sha256(encoder.encode(text))) === wanted);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
