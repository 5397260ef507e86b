import { expect, test } from 'vitest';
import type { LentRecord } from '#folds/lent-record.ts';
import { ticketsApart } from '../../../dashboard/src/lib/format/ladder/tickets.ts';
import { threeLogins } from './capture.ts';

const ladder = threeLogins().ladders.of(3);
if (!ladder) throw new Error('no ladder');
const answer = ladder.steps.findLast(({ kind, from }) => kind === 'data' && from === 'site');
if (!answer?.place) throw new Error('no answer');
const { place } = answer;

const keys = [0, 300, 600].map((more) => `3:server-to-client:${String(place.start + more)}`);
const merged = { ...answer, messages: keys, records: 3, place: { ...place, end: place.start + 900 } };
const given = { ...ladder, steps: ladder.steps.map((step) => (step === answer ? merged : step)) };

function lent(titles: readonly string[]) {
  const records = new Map(
    keys.map((key, at): [string, LentRecord] => [key, { state: 'opened', title: titles[at] ?? '' }]),
  );
  const times = new Map(keys.map((key, at) => [key, answer === undefined ? 0 : answer.time + at * 1e6]));
  return { recordOf: (key: string) => records.get(key), timeOf: (key: string) => times.get(key) };
}

test('with a lent key, tickets are arrows of their own, with their own bytes and time', () => {
  const apart = ticketsApart(given, lent(['NewSessionTicket', 'NewSessionTicket', '200 OK'])).steps;
  expect(apart).toHaveLength(given.steps.length + 1);
  const at = apart.findIndex(({ title }) => title === 'Session tickets');
  expect(apart[at]).toMatchObject({ records: 2, holds: ['NewSessionTicket'] });
  expect(apart[at]?.place).toMatchObject({ start: place.start, end: place.start + 600 });
  expect(apart[at]).not.toHaveProperty('guess');
  expect(apart[at + 1]).toMatchObject({ title: answer.title, records: 1, elapsed: 2e6, key: keys[2] });
  expect(apart[at + 1]?.place).toMatchObject({ start: place.start + 600, end: place.start + 900 });
});

test('is the same ladder while nothing is lent, or nothing was a ticket', () => {
  const nothing = { recordOf: () => undefined, timeOf: () => undefined };
  expect(ticketsApart(given, nothing)).toBe(given);
  expect(ticketsApart(given, lent(['200 OK', '200 OK', '200 OK']))).toBe(given);
});
