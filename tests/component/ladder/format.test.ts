import { expect, test } from 'vitest';
import { gapHeight } from '../../../dashboard/src/lib/format/ladder/gap.ts';
import { lentTitle } from '../../../dashboard/src/lib/format/ladder/lent.ts';
import { pairOf, versionPair } from '../../../dashboard/src/lib/format/ladder/pairs.ts';
import { stepAfterKey } from '../../../dashboard/src/lib/format/ladder/walk.ts';
import { durationOf, remarkOf } from '../../../dashboard/src/lib/format/ladder/words.ts';
import { threeLogins } from './capture.ts';

const fold = threeLogins();
const ladders = [1, 2, 3].map((id) => fold.ladders.of(id));
const [http, tls12, tls13] = ladders;

test('times are short enough to be read, and exact enough to be compared', () => {
  expect([0, 420_000, 128e6, 3.25e9].map(durationOf)).toEqual(['0 ms', '0.42 ms', '128 ms', '3.25 s']);
});

test('a wait is as tall as it is long, tenfold by tenfold, up to a limit', () => {
  expect([0, 999_999, 1e6, 1e7, 1e8, 1e12].map(gapHeight)).toEqual([0, 0, 16, 28, 40, 56]);
});

test('the versions side by side are the newest of each, whatever came in between', () => {
  const entries = fold.ladders.entries();
  expect(versionPair(entries)).toEqual({ left: 2, right: 3 });
  expect(versionPair(entries.slice(0, 2))).toEqual({ left: 2 });
  expect(versionPair(entries.map((entry) => ({ ...entry, isLookup: true })))).toEqual({});
});

test('what was chosen by hand stays, whatever login comes', () => {
  const entries = fold.ladders.entries();
  expect(pairOf('login', { left: 2 }, fold.view(), entries)).toEqual({ left: 1, right: 3 });
  expect(pairOf('own', { left: 2 }, fold.view(), entries)).toEqual({ left: 2 });
});

test('over to the other ladder leads to the same point of the same phase', () => {
  if (!http || !tls12 || !tls13) throw new Error('a login is missing');
  const sides = { left: tls12, right: tls13 };
  const over = (from: typeof tls12, title: string) => {
    const index = from.steps.findIndex((step) => step.title === title);
    const place = stepAfterKey('ArrowRight', { side: 'left', index }, sides);
    return place && tls13.steps[place.index]?.title;
  };
  expect(over(tls12, 'ClientHello')).toBe('ClientHello');
  expect(over(tls12, 'ServerHello')).toBe('ServerHello');
  // Longer there than here: the last one of the handshake.
  expect(over(tls12, 'NewSessionTicket')).toBe('Finished');
  const missing = stepAfterKey('ArrowLeft', { side: 'right', index: 1 }, { left: http, right: tls13 });
  expect(missing).toEqual({ side: 'left', index: 1 });
  expect(stepAfterKey('ArrowLeft', { side: 'left', index: 1 }, sides)).toBeUndefined();
  expect(stepAfterKey('ArrowRight', { side: 'left', index: 1 }, { left: http })).toBeUndefined();
});

test('a step of several records is open when all of them are', () => {
  const rest = tls13?.steps.find(({ title }) => title === 'The rest of the handshake');
  if (!rest) throw new Error('no such step');
  const opened = (title: string) => ({ state: 'opened', title }) as const;
  const titles = new Map(rest.messages.map((key, index) => [key, opened(['A', 'B', 'C', 'C'][index] ?? '')]));
  expect(lentTitle(rest, (key) => titles.get(key))).toBe('A, B, C');
  expect(lentTitle(rest, (key) => (key === rest.messages[0] ? titles.get(key) : undefined))).toBeUndefined();
  expect(lentTitle({ ...rest, sealed: false }, (key) => titles.get(key))).toBeUndefined();
});

test('under an arrow stands what is special about it, and nothing where nothing is', () => {
  const hello = tls13?.steps.find(({ title }) => title === 'ServerHello');
  const key = tls12?.steps.find(({ title }) => title === 'ClientKeyExchange');
  if (!hello || !key) throw new Error('no such step');
  expect(remarkOf(key)).toBe('');
  expect(remarkOf({ ...hello, held: true, sharesRecord: true, complete: false })).toBe(
    'held by the stranger · TLS 1.3, TLS_AES_256_GCM_SHA384 · shares its record · still arriving',
  );
});
