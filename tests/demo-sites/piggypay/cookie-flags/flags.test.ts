import { expect, it } from 'vitest';
import {
  FLAGGED_COOKIES,
  cookiesIn,
  endingLine,
  settingLine,
} from '../../../../demo-sites/piggypay/cookie-flags/flags.ts';

it('writes one Set-Cookie a flag, for the trial’s addresses and ten minutes', () => {
  expect(FLAGGED_COOKIES.map((cookie) => settingLine(cookie, 'v'))).toEqual([
    'plain=v; Path=/cookies; Max-Age=600',
    'secure=v; Path=/cookies; Max-Age=600; Secure',
    'http-only=v; Path=/cookies; Max-Age=600; HttpOnly',
    'same-site-strict=v; Path=/cookies; Max-Age=600; SameSite=Strict',
    'same-site-lax=v; Path=/cookies; Max-Age=600; SameSite=Lax',
    'everything=v; Path=/cookies; Max-Age=600; Secure; HttpOnly; SameSite=Strict',
  ]);
});

it('makes a browser forget them with the same path and flags', () => {
  const lines = FLAGGED_COOKIES.map(endingLine);
  expect(lines[0]).toBe('plain=; Path=/cookies; Max-Age=0');
  expect(lines[5]).toBe('everything=; Path=/cookies; Max-Age=0; Secure; HttpOnly; SameSite=Strict');
});

it.each([
  ['', []],
  ['a=1', [['a', '1']]],
  [
    'a=1; b=2=3;c=',
    [
      ['a', '1'],
      ['b', '2=3'],
      ['c', ''],
    ],
  ],
  ['a=1; a=2', [['a', '1']]],
  [
    '__proto__=1; nothing; ;=x',
    [
      ['__proto__', '1'],
      ['', 'x'],
    ],
  ],
])('reads the cookies of “%s”', (text, pairs) => {
  expect([...cookiesIn(text)]).toEqual(pairs);
});
