import { webcrypto } from 'node:crypto';
import { PemConverter } from '@peculiar/x509';

/** What a leaf's key can be. RSA of 768 bits is for the one host whose key is too weak, and for nothing else. */
export type KeyKind = 'P-256' | 'RSA 2048' | 'RSA 768';

/** How an authority's key signs: all of them are P-256. */
export const SIGNING_ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** Makes a new key pair. RSA of 2048 bits takes a tenth of a second and more, though not of the main thread. */
export function generateKeys(kind: KeyKind, extractable = true): Promise<webcrypto.CryptoKeyPair> {
  const usages = ['sign', 'verify'] as const;
  if (kind === 'P-256') {
    return webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, extractable, usages);
  }
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: kind === 'RSA 768' ? 768 : 2048,
  };
  return webcrypto.subtle.generateKey(algorithm, extractable, usages);
}

/** PKCS #8 (RFC 5958) in PEM. */
export async function privateKeyPem({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY')}\n`;
}
