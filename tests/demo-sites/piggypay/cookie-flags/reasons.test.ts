import { expect, it } from 'vitest';
import { FLAGGED_COOKIES } from '../../../../demo-sites/piggypay/cookie-flags/flags.ts';
import { reasonFor } from '../../../../demo-sites/piggypay/cookie-flags/reasons.ts';
import type { CookieTrial, Transport, Way } from '../../../../demo-sites/piggypay/cookie-flags/trials.ts';

interface Case {
  readonly way: Way;
  readonly came: readonly string[];
  readonly seconds?: number;
  readonly setOver?: Transport;
}

function reason({ way, came, seconds = 5, setOver = 'https' }: Case): string {
  const cookies = FLAGGED_COOKIES.map(
    ({ name }) => [name, came.includes(name) ? 'present' : 'absent'] as const,
  );
  const observation = { over: 'https' as const, cookies: new Map(cookies), seconds };
  const trial: CookieTrial = {
    id: '',
    setOver,
    values: new Map(),
    observations: new Map([[way, observation]]),
  };
  return reasonFor(way, trial);
}

const young = ['plain', 'secure', 'http-only'];

it.each([
  [
    'came young',
    { came: young, seconds: 119 },
    'It was 119 seconds old. Chromium treats it as Lax, but lets it come along',
  ],
  ['came old', { came: young, seconds: 120 }, 'It was 120 seconds old. It came all the same'],
  [
    'stayed young',
    { came: [], seconds: 119 },
    'It was 119 seconds old. This browser treats it as Lax, without exception',
  ],
  [
    'stayed old',
    { came: [], seconds: 120 },
    'It was 120 seconds old. Chromium treats it as Lax, and the exception of its first two minutes is over',
  ],
])('says of a cookie without SameSite that %s with another site’s form what that means', (_, seen, words) => {
  expect(reason({ way: 'form', ...seen })).toContain(words);
});

it('claims nothing of Lax and Strict where they came with another site’s request', () => {
  const all = FLAGGED_COOKIES.map(({ name }) => name);
  expect(reason({ way: 'form', came: all })).not.toContain('Strict');
  expect(reason({ way: 'link', came: all })).toBe('');
  expect(reason({ way: 'script', came: all })).toBe('');
  expect(reason({ way: 'other-scheme', came: all })).toContain('for one site');
  expect(reason({ way: 'from-http', came: all })).not.toContain('Secure did');
});

it('says that a Secure cookie was never kept only where it was set over HTTP', () => {
  const came = ['plain', 'http-only'];
  expect(reason({ way: 'from-https', came, setOver: 'http' })).toContain('never kept');
  expect(reason({ way: 'from-https', came, setOver: 'https' })).toBe('');
});

it('says nothing of what was not tried', () => {
  const trial: CookieTrial = { id: '', setOver: 'https', values: new Map(), observations: new Map() };
  expect(reasonFor('link', trial)).toBe('');
});
