import { expect, test } from 'vitest';
import type { LogEvent } from '#contract';
import { Intake } from '../../../dashboard/src/lib/state/intake.ts';

function event(epoch: number, seq: number): LogEvent {
  return { epoch, seq, time: seq, vantage: 'victim', type: 'secret-entered', kind: 'mobile', value: '1' };
}

function batch(epoch: number, seqs: readonly number[], completeFrom = 1) {
  return { epoch, completeFrom, events: seqs.map((seq) => event(epoch, seq)) };
}

function drained(intake: Intake): readonly string[] {
  const seen: string[] = [];
  intake.drain(
    ({ seq }, epoch) => seen.push(`${String(epoch)}/${String(seq)}`),
    () => false,
  );
  return seen;
}

test('hands on every event once and in order, though batches overlap after a reconnect', () => {
  const intake = new Intake();
  intake.push(batch(10, [1, 2, 3]), 100);
  intake.push(batch(10, [2, 3, 4, 5]), 100);
  expect(drained(intake)).toEqual(['10/1', '10/2', '10/3', '10/4', '10/5']);
  expect(intake.position).toEqual({ epoch: 10, after: 5 });
});

test('refuses a batch that skips events which the log still holds', () => {
  const intake = new Intake();
  intake.push(batch(10, [1, 2]), 100);
  expect(intake.push(batch(10, [5, 6]), 100)).toBe('gap');
  expect(intake.position).toEqual({ epoch: 10, after: 2 });
  expect(drained(intake)).toEqual(['10/1', '10/2']);
});

test('accepts missing numbers below the point from which the log is complete', () => {
  const intake = new Intake();
  expect(intake.push(batch(10, [1, 40, 80, 81], 80), 100)).toBe('taken');
  expect(intake.push(batch(10, [83], 80), 100)).toBe('gap');
});

test('starts over with a batch of a newer epoch and drops a straggler of an older one', () => {
  const intake = new Intake();
  intake.push(batch(10, [1, 2]), 100);
  intake.push(batch(11, [1]), 100);
  expect(intake.push(batch(10, [3]), 100)).toBe('taken');
  expect(drained(intake)).toEqual(['10/1', '10/2', '11/1']);
  expect(intake.position).toEqual({ epoch: 11, after: 1 });
});

test('counts a batch as taken in only when its last event was applied', () => {
  const intake = new Intake();
  const seqs = Array.from({ length: 200 }, (_, index) => index + 1);
  intake.push(batch(10, seqs), 5000);
  intake.drain(
    () => undefined,
    () => true,
  );
  expect(intake.isWaiting).toBe(true);
  expect(intake.takeUnreported()).toBe(0);
  drained(intake);
  expect(intake.isWaiting).toBe(false);
  expect(intake.takeUnreported()).toBe(5000);
});

test('counts refused and empty batches too, since they no longer are under way', () => {
  const intake = new Intake();
  intake.push(batch(10, []), 7);
  intake.push(batch(10, [9]), 30);
  expect(intake.takeUnreported()).toBe(37);
});

test('starts over with the beginning of the same epoch, sent again after events were lost', () => {
  const intake = new Intake();
  const first: LogEvent = {
    ...{ epoch: 10, seq: 1, time: 1, vantage: 'wire', type: 'epoch-started' },
    ...{ wallClock: '', routes: [], source: 'live' },
  };
  const beginning = (events: readonly LogEvent[], completeFrom: number) => ({
    epoch: 10,
    completeFrom,
    events,
  });
  intake.push(beginning([first, event(10, 2), event(10, 3)], 1), 100);
  expect(intake.push(beginning([first, event(10, 3)], 80), 100)).toBe('taken');
  expect(intake.push(beginning([event(10, 80), event(10, 81)], 80), 100)).toBe('taken');
  expect(drained(intake)).toEqual(['10/1', '10/2', '10/3', '10/1', '10/3', '10/80', '10/81']);
  expect(intake.position).toEqual({ epoch: 10, after: 81 });
});
