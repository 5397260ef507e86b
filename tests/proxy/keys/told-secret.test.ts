import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { toldSecret } from '../../../proxy/keys/told-secret.ts';

const RANDOM = '0f'.repeat(32);
const SECRET = 'ab'.repeat(48);

test('a line is marked by the beginning of the SHA-256 of its secret, as Node computes it', () => {
  const digest = createHash('sha256').update(Buffer.from(SECRET, 'hex')).digest('hex');
  expect(toldSecret(`CLIENT_RANDOM ${RANDOM.toUpperCase()} ${SECRET.toUpperCase()}`)).toEqual({
    label: 'CLIENT_RANDOM',
    clientRandom: RANDOM,
    fingerprint: digest.slice(0, 8),
  });
});

test.each([
  '',
  '# CLIENT_RANDOM',
  `CLIENT_RANDOM ${RANDOM}`,
  `OTHER ${RANDOM} ${SECRET}`,
  `CLIENT_RANDOM ${RANDOM} ab`,
])('%j has no mark', (line) => {
  expect(toldSecret(line)).toBeUndefined();
});
