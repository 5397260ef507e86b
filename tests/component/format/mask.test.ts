import { expect, test } from 'vitest';
import {
  conceal,
  halfMask,
  hiddenHalf,
  isPersonas,
  textsToHide,
} from '../../../dashboard/src/lib/format/mask.ts';
import { PERSONA } from '../support/bytes.ts';

test.each([
  ['hunter2x', 'hunt••••'],
  ['abc', 'a••'],
  ['a', '•'],
  ['', ''],
  ['пароль', 'пар•••'],
  ['🔑🔑', '🔑•'],
])('half-masks %j as %j', (text, masked) => {
  expect(halfMask(text)).toBe(masked);
});

test('hides the second half of a range of bytes, the larger half when they differ', () => {
  expect(hiddenHalf({ start: 10, end: 17 })).toEqual({ start: 13, end: 17 });
  expect(hiddenHalf({ start: 4, end: 5 })).toEqual({ start: 4, end: 5 });
});

test('knows the persona’s own credentials, plain and encoded', () => {
  const spelled = ['monsoon-42', '9800000012', btoa('monsoon-42'), btoa('monsoon-42').replace('==', '')];
  for (const text of spelled) expect(isPersonas(text, PERSONA)).toBe(true);
});

test('takes nothing for the persona’s that merely resembles it, and nothing before the persona is known', () => {
  for (const text of ['monsoon', 'Monsoon-42', 'monsoon-42 ', ''])
    expect(isPersonas(text, PERSONA)).toBe(false);
  expect(isPersonas('monsoon-42', undefined)).toBe(false);
});

test('hides what was typed in a title in every spelling, and leaves the persona’s credentials alone', () => {
  const hidden = textsToHide(['monsoon-42', 'p@ss word'], PERSONA);
  const title = 'GET /?a=p@ss word&b=p%40ss%20word&c=p%40ss+word&d=monsoon-42';
  const shown = conceal(title, hidden);
  expect(shown).not.toMatch(/p@ss word|p%40ss%20word|p%40ss\+word/);
  expect(shown).toContain('p@ss•••••');
  expect(shown).toContain('monsoon-42');
});

test('does not look for a typed letter in every word', () => {
  expect(conceal('GET /api/v1/balance', textsToHide(['a'], PERSONA))).toBe('GET /api/v1/balance');
});

test('copes with typed text that is no valid Unicode', () => {
  expect(() => textsToHide(['\ud800abc'], PERSONA)).not.toThrow();
});
