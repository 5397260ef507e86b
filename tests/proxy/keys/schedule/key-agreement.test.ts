import { createECDH, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { isComputable, publicHalf, sharedSecret } from '#keys/schedule/key-agreement.ts';

const X25519 = 29;

test.each([
  [23, 'prime256v1'],
  [24, 'secp384r1'],
  [25, 'secp521r1'],
] as const)('group %i: the same as OpenSSL on %s, from either end', (group, curve) => {
  const [one, other] = [createECDH(curve), createECDH(curve)];
  const [ownPublic, otherPublic] = [one.generateKeys(), other.generateKeys()];
  const size = Math.ceil((ownPublic.length - 1) / 2);
  const privateOf = (end: typeof one): Uint8Array =>
    Uint8Array.from(Buffer.concat([Buffer.alloc(size - end.getPrivateKey().length), end.getPrivateKey()]));
  const expected = one.computeSecret(otherPublic).toString('hex');
  expect(Buffer.from(publicHalf(group, privateOf(one)) ?? []).toString('hex')).toBe(
    ownPublic.toString('hex'),
  );
  for (const [own, share] of [
    [one, otherPublic],
    [other, ownPublic],
  ] as const) {
    const shared = sharedSecret(group, privateOf(own), Uint8Array.from(share));
    expect(Buffer.from(shared ?? []).toString('hex')).toBe(expected);
  }
});

test('x25519: the same as OpenSSL', () => {
  const [one, other] = [generateKeyPairSync('x25519'), generateKeyPairSync('x25519')];
  const last = (der: Buffer): Uint8Array => Uint8Array.from(der.subarray(-32));
  const privateKey = last(one.privateKey.export({ type: 'pkcs8', format: 'der' }));
  const publicKey = last(other.publicKey.export({ type: 'spki', format: 'der' }));
  const expected = diffieHellman({ privateKey: one.privateKey, publicKey: other.publicKey });
  expect(Buffer.from(sharedSecret(X25519, privateKey, publicKey) ?? [])).toEqual(expected);
  expect(publicHalf(X25519, privateKey)).toEqual(last(one.publicKey.export({ type: 'spki', format: 'der' })));
});

test('what is no key of the group gives nothing, and nothing is thrown', () => {
  const key = new Uint8Array(32).fill(7);
  expect(isComputable(0x11ec)).toBe(false);
  expect(sharedSecret(0x11ec, key, key)).toBeUndefined();
  expect(sharedSecret(X25519, key.subarray(1), key)).toBeUndefined();
  // A point of small order, which would make the secret one that everybody knows (RFC 7748, 6.1).
  expect(sharedSecret(X25519, key, new Uint8Array(32))).toBeUndefined();
  expect(sharedSecret(23, key, new Uint8Array(65).fill(4))).toBeUndefined();
  expect(publicHalf(23, new Uint8Array(32))).toBeUndefined();
});
