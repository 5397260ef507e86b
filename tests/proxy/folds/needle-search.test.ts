import { Needle, NeedleSearch, type Found } from '#folds/needle-search.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const PASSWORD = 'monsoon-42 &ü';

function search(needle: string, ...pieces: readonly (string | Uint8Array)[]): readonly string[] {
  const found: Found[] = [];
  const searching = new NeedleSearch(new Needle(needle), (place) => found.push(place));
  let offset = 0;
  for (const piece of pieces) {
    const bytes = typeof piece === 'string' ? new TextEncoder().encode(piece) : piece;
    searching.push(offset, bytes);
    offset += bytes.length;
  }
  expect(searching.found).toBe(found.length);
  return found.map(({ encoding, start, end }) => `${encoding} ${start}-${end}`);
}

function percent(text: string, upper = true): string {
  return [...Buffer.from(text)]
    .map((byte) => `%${byte.toString(16).padStart(2, '0')}`)
    .map((code) => (upper ? code.toUpperCase() : code))
    .join('');
}

describe('a needle is found', () => {
  test('plain, and as JSON writes it', () => {
    expect(search('abcd', 'xxabcdxx')).toEqual(['plain 2-6']);
    expect(search('a"b\\c', JSON.stringify({ password: 'a"b\\c' }))).toEqual(['plain 13-20']);
  });

  test('URL-encoded by any encoder, in either case, with + for a space', () => {
    expect(search(PASSWORD, `p=${encodeURIComponent(PASSWORD)}`)).toEqual(['url 2-24']);
    expect(search(PASSWORD, new URLSearchParams({ p: PASSWORD }).toString())).toEqual(['url 2-22']);
    expect(search(PASSWORD, percent(PASSWORD))).toEqual(['url 0-42']);
    expect(search(PASSWORD, percent(PASSWORD, false))).toEqual(['url 0-42']);
  });

  test('when it holds a percent sign itself', () => {
    expect(search('100%25', '100%25')).toEqual(['plain 0-6']);
    expect(search('100%sure', '100%25sure')).toEqual(['url 0-10']);
  });

  test.each([0, 1, 2])('in base64 and base64url behind %i bytes, whatever comes after', (before) => {
    for (const needle of [PASSWORD, 'abcd', '~~~???>>>']) {
      for (const after of ['', 'x', 'yy', 'zzz']) {
        const bytes = Buffer.from(`${'q'.repeat(before)}${needle}${after}`);
        expect(search(needle, bytes.toString('base64'))).toHaveLength(1);
        expect(search(needle, bytes.toString('base64url'))).toHaveLength(1);
      }
    }
  });

  test('in hex of either case', () => {
    const hex = Buffer.from(PASSWORD).toString('hex');
    expect(search(PASSWORD, `x${hex}x`)).toEqual(['hex 1-29']);
    expect(search(PASSWORD, `x${hex.toUpperCase()}x`)).toEqual(['hex 1-29']);
  });

  test('across chunk borders, wherever they are', () => {
    const bytes = Buffer.from(
      `{"p":"monsoon-42","q":"${Buffer.from('monsoon-42').toString('base64')}","r":"mon%73oon-42"}`,
    );
    const whole = search('monsoon-42', bytes);
    expect(whole).toHaveLength(3);
    for (let at = 1; at < bytes.length; at++) {
      expect(search('monsoon-42', bytes.subarray(0, at), bytes.subarray(at))).toEqual(whole);
    }
    expect(search('monsoon-42', ...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  test('as soon as its last byte has come', () => {
    expect(search('monsoon-42', 'password=monsoon-4', '2')).toEqual(['plain 9-19']);
  });
});

describe('counting', () => {
  test('every occurrence counts, overlapping ones once', () => {
    expect(search('abcd', 'abcdabcd abcd')).toHaveLength(3);
    expect(search('aaaa', 'aaaaaaaaa')).toEqual(['plain 0-4', 'plain 4-8']);
  });

  test('the count does not depend on the chunks', () => {
    const letters = fc.array(fc.constantFrom('a', 'b', '%', '6', '1', 'Y', 'W'), { maxLength: 60 });
    fc.assert(
      fc.property(letters, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (text, sizes) => {
        const whole = text.join('');
        const pieces: string[] = [];
        for (let at = 0, turn = 0; at < whole.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          pieces.push(whole.slice(at, at + size));
          at += size;
        }
        expect(search('abab', ...pieces)).toEqual(search('abab', whole));
      }),
    );
  });

  test('a gap ends what could have been a beginning', () => {
    const searching = new NeedleSearch(new Needle('abcd'), () => undefined);
    searching.push(0, new TextEncoder().encode('ab'));
    searching.push(10, new TextEncoder().encode('cd'));
    expect(searching.found).toBe(0);
    expect(searching.searchedBytes).toBe(4);
  });
});

describe('nothing is found', () => {
  test('of a needle too short to mean anything', () => {
    expect(search('abc', 'abcabc')).toEqual([]);
    expect(new Needle('abc').searchable).toBe(false);
  });

  test('in four million bytes that look random', () => {
    let state = 1;
    const bytes = Uint8Array.from(
      { length: 4_000_000 },
      () => (state = (state * 48_271) % 2_147_483_647) & 255,
    );
    expect(search('monsoon-42', bytes)).toEqual([]);
    expect(search('9800000012', bytes)).toEqual([]);
  });
});
