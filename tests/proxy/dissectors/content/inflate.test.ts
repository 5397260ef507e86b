import { deflateRawSync, deflateSync, gzipSync, inflateRawSync } from 'node:zlib';
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

test('members by the hundred are not followed', () => {
  const member = gzipSync('');
  const { problem } = inflate(Buffer.concat(Array.from({ length: 300 }, () => member)), 'gzip', MIB);
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

/** Writes bits as DEFLATE has them, the lowest first (RFC 1951, 3.1.1). */
class Bits {
  readonly bytes: number[] = [];
  #count = 0;

  put(value: number, count: number): void {
    for (let bit = 0; bit < count; bit++, this.#count++) {
      if (this.#count % 8 === 0) this.bytes.push(0);
      const last = this.bytes.length - 1;
      this.bytes[last] = (this.bytes[last] ?? 0) | (((value >> bit) & 1) << (this.#count % 8));
    }
  }

  /** A code begins with its highest bit. */
  putCode([code, length]: readonly [number, number]): void {
    for (let bit = length - 1; bit >= 0; bit--) this.put(code >> bit, 1);
  }
}

/** A block with codes of every length up to the longest, and nothing in it but its end (RFC 1951, 3.2.7). */
function putEmptyBlock(bits: Bits): void {
  const lengths = [3, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 3, 0, 4, 3];
  const codes: (readonly [number, number])[] = [];
  for (let code = 0, length = 1; length <= 5; length++, code <<= 1) {
    lengths.forEach((wanted, symbol) => {
      if (wanted === length) codes[symbol] = [code++, length];
    });
  }
  const put = (symbol: number): void => bits.putCode(codes[symbol] ?? [0, 0]);
  bits.put(0b100, 3);
  bits.put(0, 10);
  bits.put(15, 4);
  for (const symbol of [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15])
    bits.put(lengths[symbol] ?? 0, 3);
  for (let length = 1; length <= 15; length++) put(length);
  for (const zeros of [138, 103]) {
    put(18);
    bits.put(zeros - 11, 7);
  }
  put(15);
  put(1);
  bits.put(0x7fff, 15);
}

test('blocks that ask for tables and yield nothing are not followed to their end', () => {
  const few = new Bits();
  for (let count = 0; count < 10; count++) putEmptyBlock(few);
  few.put(0b011, 3);
  few.put(0, 7);
  expect(inflateRawSync(Uint8Array.from(few.bytes))).toHaveLength(0);
  expect(inflate(Uint8Array.from(few.bytes), 'deflate', 100)).toEqual({
    bytes: new Uint8Array(0),
    truncated: false,
  });
  const many = new Bits();
  while (many.bytes.length < 2 ** 20) putEmptyBlock(many);
  expect(inflate(Uint8Array.from(many.bytes), 'deflate', 100).problem).toMatch(/takes longer/);
});
