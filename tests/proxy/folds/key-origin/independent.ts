import { constants, createHmac, createPublicKey, verify as verifyWithNode } from 'node:crypto';
import type { OriginSignature } from '#folds/key-origin/key-origin.ts';

/** HKDF-Expand-Label without a context, by node:crypto alone. */
export function expandLabel(hash: string, secret: Buffer, label: string, length: number): string {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.concat([Buffer.of(length >> 8, length & 255, name.length), name, Buffer.of(0)]);
  let block = Buffer.alloc(0);
  let all = Buffer.alloc(0);
  for (let count = 1; all.length < length; count++) {
    block = createHmac(hash, secret)
      .update(Buffer.concat([block, info, Buffer.of(count)]))
      .digest();
    all = Buffer.concat([all, block]);
  }
  return all.subarray(0, length).toString('hex');
}

/** The PRF of TLS 1.2, by node:crypto alone (RFC 5246, 5). */
export function prf(hash: string, secret: Buffer, label: string, seed: Buffer, length: number): Buffer {
  const all = Buffer.concat([Buffer.from(label), seed]);
  let chain = all;
  let out = Buffer.alloc(0);
  while (out.length < length) {
    chain = createHmac(hash, secret).update(chain).digest();
    out = Buffer.concat([
      out,
      createHmac(hash, secret)
        .update(Buffer.concat([chain, all]))
        .digest(),
    ]);
  }
  return out.subarray(0, length);
}

/** The secret of the first line with this label. */
export function secretIn(keyLog: string, label: string): Buffer {
  return Buffer.from(new RegExp(`^${label} \\S+ ([0-9a-f]+)`, 'm').exec(keyLog)?.[1] ?? '', 'hex');
}

/** Whether the signature is over this message, by node:crypto alone. */
export function verifies(
  { algorithm, publicKey, signed, signature }: OriginSignature,
  message = signed,
): boolean {
  const key = createPublicKey({ key: Buffer.from(publicKey), type: 'spki', format: 'der' });
  const hash = /sha\d+/.exec(algorithm)?.[0];
  const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return verifyWithNode(hash, message, algorithm.startsWith('rsa_pss') ? pss : key, signature);
}
