import { beforeEach, expect, it } from 'vitest';
import { CookieTrials } from '../../../../demo-sites/piggypay/cookie-flags/trials.ts';

let now = 0;
let trials: CookieTrials;
beforeEach(() => {
  now = 1_000_000;
  trials = new CookieTrials(() => now);
});

const valueOf = (id: string, name: string): string => trials.find(id)?.values.get(name) ?? '';

it('tells what came from what did not, and from what is of an earlier trial', () => {
  const { id } = trials.begin('https');
  const cookies = `sid=x; plain=${valueOf(id, 'plain')}; secure=0123456789abcdef`;
  now += 34_900;
  trials.note(id, 'from-https', { over: 'https', cookies, fetchSite: 'same-origin' });
  const seen = trials.find(id)?.observations.get('from-https');
  expect(Object.fromEntries(seen?.cookies ?? [])).toEqual({
    ...{ plain: 'present', secure: 'older', 'http-only': 'absent' },
    ...{ 'same-site-strict': 'absent', 'same-site-lax': 'absent', everything: 'absent' },
  });
  expect(seen).toMatchObject({ over: 'https', seconds: 34, fetchSite: 'same-origin' });
});

it('keeps the newest of each way', () => {
  const { id } = trials.begin('http');
  trials.note(id, 'script', { over: 'http', cookies: `plain=${valueOf(id, 'plain')}` });
  trials.note(id, 'script', { over: 'https', cookies: '' });
  const observations = trials.find(id)?.observations;
  expect(observations?.size).toBe(1);
  expect(observations?.get('script')).toMatchObject({ over: 'https' });
  expect(observations?.get('script')?.cookies.get('plain')).toBe('absent');
});

it('draws ids and values anew', () => {
  const [one, two] = [trials.begin('https'), trials.begin('https')];
  expect(one.id).toMatch(/^[0-9a-f]{12}$/);
  expect(new Set([one, two].flatMap(({ id, values }) => [id, ...values.values()])).size).toBe(14);
});

it('notes nothing once the cookies have run out, and keeps what it has', () => {
  const { id } = trials.begin('https');
  trials.note(id, 'link', { over: 'https', cookies: '' });
  now += 599_999;
  expect(trials.isOpen(id)).toBe(true);
  now += 1;
  expect(trials.isOpen(id)).toBe(false);
  expect(trials.note(id, 'form', { over: 'https', cookies: '' })).toBeUndefined();
  expect([...(trials.find(id)?.observations.keys() ?? [])]).toEqual(['link']);
});

it('forgets the oldest of more than 50, the one that has ended, and all at a reset', () => {
  const ids = Array.from({ length: 51 }, () => trials.begin('https').id);
  expect(ids.map((id) => trials.find(id) !== undefined)).toEqual([false, ...Array<boolean>(50).fill(true)]);
  trials.forget(ids[1] ?? '');
  expect(trials.find(ids[1] ?? '')).toBeUndefined();
  trials.reset();
  expect(ids.flatMap((id) => trials.find(id) ?? [])).toEqual([]);
});
