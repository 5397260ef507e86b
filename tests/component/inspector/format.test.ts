import { expect, test } from 'vitest';
import { byteAfterKey } from '../../../dashboard/src/lib/format/inspector/byte-keys.ts';
import { asHex, asText } from '../../../dashboard/src/lib/format/inspector/copied-bytes.ts';
import { isNarrowing, narrowed } from '../../../dashboard/src/lib/format/inspector/filter.ts';
import { rowAfterKey } from '../../../dashboard/src/lib/format/inspector/list-keys.ts';
import { sourceWords, tabTitle } from '../../../dashboard/src/lib/format/inspector/source.ts';
import { seconds } from '../../../dashboard/src/lib/format/inspector/words.ts';
import { utf8 } from '../support/bytes.ts';

test('hex is two digits a byte, 16 a line', () => {
  const bytes = Uint8Array.from({ length: 18 }, (_, index) => index);
  expect(asHex(bytes)).toBe('00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f\n10 11');
  expect(asHex(new Uint8Array(0))).toBe('');
});

test('text keeps its lines and spells what would not show itself', () => {
  expect(asText(utf8('GET / HTTP/1.1\r\nX: ü\u202e\u0007\r\n'))).toBe('GET / HTTP/1.1\nX: üU+202E\\x07\n');
  expect(asText(Uint8Array.of(0x1b, 0x5b, 0xff))).toBe('\\x1b[\\xff');
});

test.each([
  ['ArrowRight', 0, 1],
  ['ArrowLeft', 0, 0],
  ['ArrowDown', 5, 21],
  ['ArrowDown', 90, 90],
  ['ArrowUp', 5, 5],
  ['ArrowUp', 21, 5],
  ['PageDown', 5, 99],
  ['Home', 37, 32],
  ['End', 37, 47],
  ['End', 98, 99],
])('%s from byte %i of 100 leads to %i', (key, at, expected) => {
  expect(byteAfterKey({ key, ctrlKey: false }, at, 16, 100)).toBe(expected);
});

test('with Ctrl, Home and End lead to the first and the last byte; a letter leads nowhere', () => {
  expect(byteAfterKey({ key: 'Home', ctrlKey: true }, 37, 16, 100)).toBe(0);
  expect(byteAfterKey({ key: 'End', ctrlKey: true }, 37, 16, 100)).toBe(99);
  expect(byteAfterKey({ key: 'x', ctrlKey: false }, 37, 16, 100)).toBeUndefined();
});

test('keys stay within a list, and begin at its nearer end', () => {
  expect(rowAfterKey('ArrowDown', -1, 5)).toBe(0);
  expect(rowAfterKey('ArrowUp', -1, 5)).toBe(4);
  expect(rowAfterKey('ArrowDown', 4, 5)).toBe(4);
  expect(rowAfterKey('End', 0, 0)).toBeUndefined();
  expect(rowAfterKey('Enter', 0, 5)).toBeUndefined();
});

test('a filter holds only what narrows', () => {
  expect(narrowed({ host: 'a' }, 'text', 'b')).toEqual({ host: 'a', text: 'b' });
  expect(narrowed({ host: 'a', text: 'b' }, 'text', '')).toEqual({ host: 'a' });
  expect(narrowed({ host: 'a' }, 'host', undefined)).toEqual({});
  expect(isNarrowing({})).toBe(false);
  expect(isNarrowing({ connection: 1 })).toBe(true);
});

test('a badge says how the bytes are known', () => {
  expect(sourceWords('wire', false)).toBe('captured');
  expect(sourceWords('wire', true)).toBe('recorded');
  expect(sourceWords('decrypted', false)).toBe('decrypted with a lent key');
  expect(sourceWords('reassembled', false)).toBe('reassembled');
  const field = { name: 'x', label: 'Certificate', range: { start: 0, end: 0 } };
  const bytes = new Uint8Array(0);
  expect(tabTitle({ source: 'wire', bytes, field }, 0)).toBe('On the wire');
  expect(tabTitle({ source: 'reassembled', bytes, field }, 1)).toBe('Certificate');
  expect(tabTitle({ source: 'reassembled', title: 'From 2 records', bytes, field }, 1)).toBe(
    'From 2 records',
  );
});

test('times are seconds since the capture began', () => {
  expect(seconds(1_234_567_890)).toBe('1.235');
});
