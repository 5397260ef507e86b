import { type ByteReader, dissectBytes, findField, findFields } from '#dissectors/byte-reader.ts';
import { hexNumber } from '#dissectors/text.ts';
import { describe, expect, test } from 'vitest';
import { expectCovered, malformations } from './feeding.ts';

function read(bytes: readonly number[], body: (reader: ByteReader) => void) {
  const field = dissectBytes(Uint8Array.from(bytes), 'root', 'Root', body);
  expectCovered(field, bytes.length);
  return field;
}

describe('reading labels', () => {
  test('a number is big-endian and carries its range and meaning', () => {
    const field = read([1, 2, 3], (reader) => {
      expect(reader.uint(3, 'a', 'A', (value) => hexNumber(value, 6))).toBe(0x010203);
    });
    expect(field.children).toEqual([
      { name: 'a', label: 'A', value: 66_051, meaning: '0x010203', range: { start: 0, end: 3 } },
    ]);
  });

  test('groups end where their last part ends', () => {
    const field = read([1, 2, 3], (reader) => {
      reader.group('g', 'G', () => {
        reader.uint(1, 'a', 'A');
        reader.uint(1, 'b', 'B');
      });
      reader.uint(1, 'c', 'C');
    });
    expect(findField(field, 'g')?.range).toEqual({ start: 0, end: 2 });
    expect(findFields(field, 'c')).toHaveLength(1);
  });

  test('short bytes carry their hex, long ones do not', () => {
    const field = read(new Array<number>(80).fill(7), (reader) => {
      reader.opaque(2, 'short', 'Short');
      reader.opaque(78, 'long', 'Long');
    });
    expect(field.children?.map(({ value }) => value)).toEqual(['0707', undefined]);
  });
});

describe('what is broken becomes a malformed field', () => {
  test('running out of bytes covers what is there', () => {
    const field = read([1, 2], (reader) => reader.uint(4, 'a', 'A'));
    expect(malformations(field)).toEqual(['Needs 4 bytes, 2 are left.']);
  });

  test('reading goes on behind a broken block', () => {
    const field = read([9, 9, 5], (reader) => {
      reader.block(2, 'block', 'Block', () => reader.uint(4, 'a', 'A'));
      reader.uint(1, 'after', 'After');
    });
    expect(findField(field, 'after')?.value).toBe(5);
    expect(findField(field, 'block')?.malformed).toContain('Needs 4 bytes');
  });

  test('a block that says more than there is covers what is there', () => {
    const field = read([1, 2], (reader) => {
      reader.block(9, 'block', 'Block', () => reader.uint(1, 'a', 'A'));
    });
    expect(findField(field, 'block')?.malformed).toBe('Says 9 bytes, 2 are here.');
  });

  test('bytes left over in a block are pointed out', () => {
    const field = read([1, 2, 3], (reader) => {
      reader.block(3, 'block', 'Block', () => reader.uint(1, 'a', 'A'));
    });
    expect(malformations(field)).toEqual(['2 more bytes than expected here.']);
  });

  test('giving up keeps what was read', () => {
    const field = read([1, 2], (reader) => {
      reader.uint(1, 'a', 'A');
      reader.fail('No.');
    });
    expect(field.children?.map(({ name, malformed }) => [name, malformed])).toEqual([
      ['a', undefined],
      ['plainsight.malformed', 'No.'],
    ]);
  });

  test('a fault of the program is not taken for one of the bytes', () => {
    expect(() =>
      dissectBytes(new Uint8Array(1), 'root', 'Root', () => {
        throw new TypeError('a bug');
      }),
    ).toThrow('a bug');
  });
});
