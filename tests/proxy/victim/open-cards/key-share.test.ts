import { readVector } from '../../../vectors/vector.ts';
import { expect, test } from 'vitest';
import { Refusal } from '../../../../proxy/victim/open-cards/alert.ts';
import { makeKeyShare, SECP256R1, X25519 } from '../../../../proxy/victim/open-cards/key-share.ts';

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (of: Uint8Array) => Buffer.from(of).toString('hex');

test('a told private half of RFC 8448, 3 gives the key share on the wire, and the shared secret of the RFC', () => {
  const share = makeKeyShare(
    X25519,
    bytes('49af42ba7f7994852d713ef2784bcbcaa7911de26adc5642cb634540e7ea5005'),
  );
  const { chunks } = readVector('rfc8448-handshake');
  expect(hex(chunks[0]?.bytes ?? new Uint8Array(0))).toContain(hex(share.publicKey));
  const serverShare = 'c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f';
  expect(hex(chunks[1]?.bytes ?? new Uint8Array(0))).toContain(serverShare);
  expect(hex(share.sharedWith(bytes(serverShare)))).toBe(
    '8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d',
  );
});

test('P-256 of RFC 5903, 8.1: both ends come to the same', () => {
  const initiator = makeKeyShare(
    SECP256R1,
    bytes('c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433'),
  );
  const responder = makeKeyShare(
    SECP256R1,
    bytes('c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53'),
  );
  const shared = 'd6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de';
  expect(hex(initiator.sharedWith(responder.publicKey))).toBe(shared);
  expect(hex(responder.sharedWith(initiator.publicKey))).toBe(shared);
});

test('every key share is a new one, its private half always of 32 bytes', () => {
  for (const group of [X25519, SECP256R1] as const) {
    const shares = Array.from({ length: 300 }, () => makeKeyShare(group));
    expect(new Set(shares.map(({ privateKey }) => hex(privateKey))).size).toBe(300);
    for (const share of shares) {
      expect(share.privateKey).toHaveLength(32);
      expect(hex(makeKeyShare(group, share.privateKey).publicKey)).toBe(hex(share.publicKey));
    }
  }
});

test.each([
  ['a point off the curve', SECP256R1, `04${'11'.repeat(64)}`],
  ['a compressed point', SECP256R1, `02${'11'.repeat(32)}`],
  ['the point of order one', X25519, '00'.repeat(32)],
  ['a point of order four', X25519, `01${'00'.repeat(31)}`],
  ['too few bytes', X25519, '09'],
] as const)('refuses %s', (_, group, publicKey) => {
  expect(() => makeKeyShare(group).sharedWith(bytes(publicKey))).toThrow(Refusal);
});
