import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Suite } from '#keys/suite.ts';

const TAG = 16;

/** How many bytes a seal adds. */
export const SEAL_LENGTH = TAG;

/** Encrypts and authenticates with Node's own AES-GCM or ChaCha20-Poly1305: ciphertext, then tag. */
export function seal(
  suite: Suite,
  key: Uint8Array,
  nonce: Uint8Array,
  associated: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  const { length } = plaintext;
  const cipher =
    suite.cipher === 'chacha20-poly1305'
      ? createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG })
      : createCipheriv(gcm(key), key, nonce, { authTagLength: TAG });
  cipher.setAAD(associated, { plaintextLength: length });
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** The reverse; undefined when the tag does not verify. */
export function unseal(
  suite: Suite,
  key: Uint8Array,
  nonce: Uint8Array,
  associated: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  const length = sealed.length - TAG;
  if (length < 0) return undefined;
  const decipher =
    suite.cipher === 'chacha20-poly1305'
      ? createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG })
      : createDecipheriv(gcm(key), key, nonce, { authTagLength: TAG });
  decipher.setAAD(associated, { plaintextLength: length });
  decipher.setAuthTag(sealed.subarray(length));
  const plaintext = decipher.update(sealed.subarray(0, length));
  try {
    return Buffer.concat([plaintext, decipher.final()]);
  } catch {
    return undefined;
  }
}

function gcm(key: Uint8Array): 'aes-128-gcm' | 'aes-256-gcm' {
  return key.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm';
}
