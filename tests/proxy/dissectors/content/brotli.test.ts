import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import { unbrotli } from '#dissectors/content/brotli/decoder.ts';
import { wordAt } from '#dissectors/content/brotli/dictionary.ts';
import { crc32 } from '#dissectors/content/crc32.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const MIB = 1 << 20;
const SOURCES = [
  'README.md',
  'package.json',
  'proxy/dissectors/content/brotli/transforms.ts',
  'tsconfig.json',
];

function compressed(bytes: Uint8Array, quality: number, window = 22): Uint8Array {
  return brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_LGWIN]: window,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
}

describe('undoes what zlib’s brotli did', () => {
  test.each(SOURCES)('with %s, at every quality and window', (name) => {
    const plain = Uint8Array.from(readFileSync(new URL(`../../../../${name}`, import.meta.url)));
    for (const quality of [0, 1, 5, 9, 11]) {
      for (const window of [10, 16, 24]) {
        const { bytes, problem } = unbrotli(compressed(plain, quality, window), MIB);
        expect(problem).toBeUndefined();
        expect(Buffer.compare(bytes, plain), `quality ${quality}, window ${window}`).toBe(0);
      }
    }
  });

  test('with any bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 5000 }),
      fc.lorem({ maxCount: 300 }).map((text) => new TextEncoder().encode(text)),
      fc.string({ unit: 'grapheme', maxLength: 2000 }).map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(bytes, fc.integer({ min: 0, max: 11 }), (plain, quality) => {
        expect(unbrotli(compressed(plain, quality), MIB)).toEqual({ bytes: plain, truncated: false });
      }),
      { numRuns: 200 },
    );
  });
});

test('the dictionary is that of RFC 7932', () => {
  const first = wordAt(4, 0);
  expect(new TextDecoder().decode(first)).toBe('time');
  const all = new Uint8Array(first.buffer, first.byteOffset, 122_784);
  expect(crc32(all)).toBe(0x5136cb04);
});

describe('stays within bounds', () => {
  test('whatever would come out', () => {
    const { bytes, truncated } = unbrotli(compressed(new Uint8Array(1 << 26), 5), MIB);
    expect([bytes.length, truncated]).toEqual([MIB, true]);
    expect(bytes.buffer.byteLength).toBeLessThanOrEqual(MIB);
  });

  test('just as much as is asked for is not truncated', () => {
    expect(unbrotli(compressed(new Uint8Array(1000), 9), 1000)).toEqual({
      bytes: new Uint8Array(1000),
      truncated: false,
    });
    expect(unbrotli(compressed(new Uint8Array(1001), 9), 1000).truncated).toBe(true);
  });

  test('every prefix stops early, with what came out so far', () => {
    const plain = new TextEncoder().encode(
      readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8').slice(0, 3000),
    );
    const whole = compressed(plain, 11);
    for (let length = 0; length < whole.length; length += 7) {
      const { bytes, problem } = unbrotli(whole.subarray(0, length), MIB);
      expect(problem).toBe('The compressed data stops before its end.');
      expect(Buffer.compare(bytes, plain.subarray(0, bytes.length))).toBe(0);
    }
  });

  test('no bytes make it throw or run on', () => {
    const whole = compressed(readFileSync(new URL('../../../../README.md', import.meta.url)), 9);
    const mutation = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 5 }), (mutations) => {
        const broken = whole.slice();
        for (const { at, byte } of mutations) broken[at] = byte;
        expect(unbrotli(broken, MIB).bytes.length).toBeLessThanOrEqual(MIB);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(unbrotli(bytes, MIB).bytes.length).toBeLessThanOrEqual(MIB);
      }),
      { numRuns: 1000 },
    );
  });
});
