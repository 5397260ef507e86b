import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { fromBase64 } from '#dissectors/content/base64.ts';
import { inflate } from '#dissectors/content/inflate.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const MIB = 1 << 20;

describe('undoes what zlib did', () => {
  test.each([
    ['gzip', 'gzip', gzipSync],
    ['zlib', 'deflate', deflateSync],
    ['raw deflate', 'deflate', deflateRawSync],
  ] as const)('%s, with any bytes at any level', (_case, format, compress) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 9000 }), fc.integer({ min: 0, max: 9 }), (plain, level) => {
        expect(inflate(compress(plain, { level }), format, MIB)).toEqual({ bytes: plain, truncated: false });
      }),
      { numRuns: 100 },
    );
  });

  test('several members of gzip, one behind another', () => {
    const members = Buffer.concat([gzipSync('one, '), gzipSync('two')]);
    expect(new TextDecoder().decode(inflate(members, 'gzip', MIB).bytes)).toBe('one, two');
  });
});

test('every prefix of gzip is said to stop early or not to fit, with what came out so far', () => {
  const plain = new TextEncoder().encode(Array.from({ length: 300 }, (_, at) => at * 7919).join());
  const whole = gzipSync(plain);
  for (let length = 0; length < whole.length; length += 5) {
    const { bytes, problem } = inflate(whole.subarray(0, length), 'gzip', MIB);
    expect(problem).toBeDefined();
    expect(Buffer.compare(bytes, plain.subarray(0, bytes.length))).toBe(0);
  }
});

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom('gzip', 'deflate'), (bytes, format) => {
      expect(inflate(bytes, format, MIB).bytes.length).toBeLessThanOrEqual(MIB);
    }),
    { numRuns: 2000 },
  );
});

test('members by the thousand are not followed', () => {
  const member = gzipSync('');
  const { problem } = inflate(Buffer.concat(Array.from({ length: 2000 }, () => member)), 'gzip', MIB);
  expect(problem).toContain('more members');
});

test('base64 in both alphabets, with padding or without, is what Node reads in it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const buffer = Buffer.from(bytes);
      expect(fromBase64(buffer.toString('base64'))).toEqual(bytes);
      expect(fromBase64(buffer.toString('base64url'))).toEqual(bytes);
    }),
  );
  expect(fromBase64('a')).toBeUndefined();
  expect(fromBase64('a b=')).toBeUndefined();
});
