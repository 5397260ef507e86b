import { createHash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { sha256Script } from '../../../../demo-sites/piggypay/pages/sha-256.ts';

const sha256 = runInNewContext(`${sha256Script}; sha256`, { TextEncoder }) as (text: string) => string;

function witness(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

test('hashes as FIPS 180-4 says', () => {
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

test('agrees with OpenSSL at every length up to three blocks, so at every padding', () => {
  for (let length = 0; length <= 192; length += 1) {
    const text = String.fromCharCode(33 + (length % 90)).repeat(length);
    expect(sha256(text)).toBe(witness(text));
  }
});

test('hashes text in UTF-8', () => {
  for (const text of ['9800000012:पासवर्ड', '₹500 für Zoë 🐖', 'x'.repeat(1000) + 'é'])
    expect(sha256(text)).toBe(witness(text));
});
