import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Needle } from '#folds/inspector/needle.ts';

function isIn(text: string, needle: string): boolean {
  return new Needle(needle).isInBytes(new TextEncoder().encode(text));
}

test('is found whatever its case, wherever it stands', () => {
  expect(isIn('Password', 'pASS')).toBe(true);
  expect(isIn('my password', 'WORD')).toBe(true);
  expect(isIn('pass word', 'password')).toBe(false);
  expect(isIn('pas', 'pass')).toBe(false);
});

test('knows the cases of letters beyond ASCII, and takes no half of one for another', () => {
  expect(isIn('CAFÉ', 'café')).toBe(true);
  expect(isIn('привет, Мир', 'ПРИВЕТ')).toBe(true);
  // р is D1 80 and Р is D0 A0, so D1 A0 has one half of each; it is Ѡ.
  expect(isIn('Ѡ', 'р')).toBe(false);
  expect(isIn('😀', '😀')).toBe(true);
});

test('signs that are no letters match themselves only', () => {
  // In ASCII, @ and ` differ by the same bit as A and a.
  expect(isIn('a`b', 'a@b')).toBe(false);
  expect(isIn('[x]', '{x}')).toBe(false);
});

test('finds in ASCII bytes what a search in lower-case text finds', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'B', '-'), maxLength: 40 });
  const needle = fc.string({ unit: fc.constantFrom('a', 'A', 'b', '-'), minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(text, needle, (hay, wanted) => {
      expect(isIn(hay, wanted)).toBe(hay.toLowerCase().includes(wanted.toLowerCase()));
    }),
    { numRuns: 500 },
  );
});
