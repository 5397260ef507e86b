import { constants, createSign, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { OriginSignature } from '#folds/key-origin/key-origin.ts';
import { verifyHandshakeSignature } from '../../../../dashboard/src/lib/format/verify-signature.ts';

describe('a signature by its scheme', () => {
  const signed = Uint8Array.from(Buffer.from('what was signed'));
  const question = (algorithm: string, publicKey: Buffer, signature: Buffer): OriginSignature => ({
    ...{ message: 'CertificateVerify', algorithm, signed, about: '', rfc: '', source: 'captured' },
    ...{ publicKey: Uint8Array.from(publicKey), signature: Uint8Array.from(signature) },
  });

  test.each([
    ['ecdsa_secp256r1_sha256', 'P-256'],
    ['ecdsa_secp384r1_sha384', 'P-384'],
    ['ecdsa_secp521r1_sha512', 'P-521'],
    // In TLS 1.2 the hash says nothing of the curve.
    ['ecdsa_secp384r1_sha384', 'P-256'],
    ['ecdsa_secp256r1_sha256', 'P-384'],
  ])('%s with a key on %s', async (algorithm, namedCurve) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
    const spki = publicKey.export({ type: 'spki', format: 'der' });
    const signature = createSign(/sha\d+/.exec(algorithm)?.[0] ?? '')
      .update(signed)
      .sign(privateKey);
    expect(await verifyHandshakeSignature(question(algorithm, spki, signature))).toBe(true);
    const other = { ...question(algorithm, spki, signature), signed: signed.map((byte) => byte ^ 1) };
    expect(await verifyHandshakeSignature(other)).toBe(false);
  });

  test.each([
    'rsa_pss_rsae_sha256',
    'rsa_pss_rsae_sha384',
    'rsa_pss_rsae_sha512',
    'rsa_pkcs1_sha256',
    'rsa_pkcs1_sha512',
  ])('%s', async (algorithm) => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const spki = publicKey.export({ type: 'spki', format: 'der' });
    const hash = /sha\d+/.exec(algorithm)?.[0];
    const padding = algorithm.startsWith('rsa_pss')
      ? constants.RSA_PKCS1_PSS_PADDING
      : constants.RSA_PKCS1_PADDING;
    const pss =
      padding === constants.RSA_PKCS1_PSS_PADDING ? { saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {};
    const signature = sign(hash, signed, { key: privateKey, padding, ...pss });
    expect(await verifyHandshakeSignature(question(algorithm, spki, signature))).toBe(true);
    const altered = Buffer.from(signature.map((byte, at) => (at === 9 ? byte ^ 1 : byte)));
    expect(await verifyHandshakeSignature(question(algorithm, spki, altered))).toBe(false);
  });

  test('ed25519, and what cannot be checked is neither right nor wrong', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const spki = publicKey.export({ type: 'spki', format: 'der' });
    const signature = sign(null, signed, privateKey);
    expect(await verifyHandshakeSignature(question('ed25519', spki, signature))).toBe(true);
    expect(await verifyHandshakeSignature(question('ed448', spki, signature))).toBeUndefined();
    expect(await verifyHandshakeSignature(question('rsa_pkcs1_sha256', spki, signature))).toBeUndefined();
  });
});
