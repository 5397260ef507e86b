import { AsciiWindow } from '#dissectors/ascii-window.ts';
import { expect, test } from 'vitest';
import { textBytes } from './feeding.ts';

test('texts are cut out in any order', () => {
  const window = new AsciiWindow(textBytes('Host: piggypay.test'));
  expect(window.text(6, 19)).toBe('piggypay.test');
  expect(window.text(0, 4)).toBe('Host');
  expect(window.text(19, 19)).toBe('');
});

test('what holds a byte beyond ASCII is none, what stands before and behind it is', () => {
  const window = new AsciiWindow(textBytes('naïve text'));
  expect(window.text(0, 2)).toBe('na');
  expect(window.text(0, 4)).toBeUndefined();
  expect(window.text(4, 11)).toBe('ve text');
});

test('a text that goes on behind what was decoded is decoded anew, up to 1 KiB', () => {
  const bytes = textBytes(`${'a'.repeat(1000)}${'b'.repeat(2000)}`);
  const window = new AsciiWindow(bytes);
  expect(window.text(0, 10)).toBe('a'.repeat(10));
  expect(window.text(999, 1100)).toBe(`a${'b'.repeat(100)}`);
  expect(window.text(500, 1525)).toBeUndefined();
});

test('a text that is asked for again is the same, and another of the same beginning or end is its own', () => {
  const window = new AsciiWindow(textBytes('Host: piggypay.test'));
  expect([window.text(0, 4), window.text(0, 4)]).toEqual(['Host', 'Host']);
  expect([window.text(0, 5), window.text(1, 5), window.text(0, 4)]).toEqual(['Host:', 'ost:', 'Host']);
});
