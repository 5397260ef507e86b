import { createHash } from 'node:crypto';
import { isPasswordHash } from '#keys/password-hash.ts';
import { expect, test } from 'vitest';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const isHash = (value: string): boolean => isPasswordHash(value, ['monsoon-42'], ['9800000012']);

test('knows the hash of a password, alone and behind the number, in either case', () => {
  expect(isHash(sha256('monsoon-42'))).toBe(true);
  expect(isHash(sha256('9800000012:monsoon-42').toUpperCase())).toBe(true);
});

test('takes nothing else for one', () => {
  for (const value of ['monsoon-42', sha256('another'), sha256('1:monsoon-42')])
    expect(isHash(value)).toBe(false);
});
