import { getActiveResourcesInfo } from 'node:process';
import { expect, test } from 'vitest';
import type { Measures } from '#contract';
import { raceFor, type RaceResult } from '../../../proxy/experiments/race.ts';

const SHORT = { warmUpMilliseconds: 5, sliceMilliseconds: 12, rounds: 3 };

function threads(): number {
  return getActiveResourcesInfo().filter((name) => name === 'MessagePort' || name === 'Worker').length;
}

test('measures all eleven, and public keys carry less than a hundredth of what AES-GCM does', async () => {
  const told: { done: number; doing: string; measures: Measures | undefined }[] = [];
  const before = threads();
  const { measures, outcome, events } = await raceFor(SHORT, {
    signal: new AbortController().signal,
    progress: (done, doing, so) => told.push({ done, doing, measures: so }),
  });
  const results = measures['entrants'] as unknown as RaceResult[];
  expect(results.map(({ family, doing }) => `${family} ${doing}`)).toEqual([
    'RSA-2048 encrypt',
    'RSA-2048 decrypt',
    'RSA-2048 sign',
    'RSA-2048 verify',
    'EC P-256 sign',
    'EC P-256 verify',
    'EC P-256 agree on a secret',
    'X25519 agree on a secret',
    'AES-128-GCM seal records',
    'AES-256-GCM seal records',
    'ChaCha20-Poly1305 seal records',
  ]);
  for (const { operations, milliseconds, slices, megabytesPerSecond, ...result } of results) {
    const { operationsPerSecond, payloadBytes = 0 } = result;
    expect(slices).toBe(SHORT.rounds);
    expect(operations).toBeGreaterThan(0);
    expect(milliseconds).toBeGreaterThanOrEqual(SHORT.sliceMilliseconds * SHORT.rounds);
    expect(operationsPerSecond).toBeGreaterThan(0);
    if (payloadBytes > 0) expect(megabytesPerSecond).toBeCloseTo((operationsPerSecond * payloadBytes) / 1e6);
  }
  expect(results.filter(({ payloadBytes }) => payloadBytes !== undefined)).toHaveLength(5);
  expect(measures['ratio']).toBeGreaterThan(100);
  expect(outcome.replaceAll(',', '')).toMatch(
    /sealed [\d.]+ MB a second with AES-128-GCM and opened [\d.]+ MB a second with RSA-2048: about ([2-9]|1\d)0+ to one/,
  );
  expect(events).toEqual([]);
  const [warmUp, ...turns] = told;
  expect(warmUp).toMatchObject({ done: 0, measures: { entrants: [] } });
  expect(turns.map(({ done }) => done)).toEqual(
    turns.map((_, index) => expect.closeTo(index / 33) as number),
  );
  // In turns, so that a slow moment of the machine slows them all.
  const names = turns.map(({ doing }) => doing);
  expect(new Set(names.slice(0, 11)).size).toBe(11);
  const first = names.slice(0, 11);
  expect(names).toEqual([...first, ...first.toReversed(), ...first]);
  expect((turns[10]?.measures?.['entrants'] as unknown[]).length).toBe(10);
  expect(threads()).toBe(before);
});

test('ends its thread when it is aborted, and gives the reason', async () => {
  const before = threads();
  const controller = new AbortController();
  const reason = new Error('a reset');
  let during = 0;
  const running = raceFor(
    { warmUpMilliseconds: 1, sliceMilliseconds: 60_000, rounds: 1 },
    {
      signal: controller.signal,
      progress: () => {
        during = threads();
        controller.abort(reason);
      },
    },
  );
  await expect(running).rejects.toBe(reason);
  expect(during).toBeGreaterThan(before);
  expect(threads()).toBe(before);
});

test('starts no thread when it was aborted before', async () => {
  const before = threads();
  await expect(raceFor(SHORT, { signal: AbortSignal.abort(), progress: () => {} })).rejects.toThrow(/abort/i);
  expect(threads()).toBe(before);
});
