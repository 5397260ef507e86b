/**
 * A thread of its own, so that the relay never waits for the race. Told how long a slice is and how many rounds there
 * are; ends by itself. All take turns, so that what slows the machine down for a while slows none of them alone.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type Entrant, entrants } from './race-entrants.ts';
import type { RaceMessage, RaceSlices } from './race.ts';

interface Slice {
  readonly operations: number;
  readonly milliseconds: number;
}

const { warmUpMilliseconds, sliceMilliseconds, rounds } = workerData as RaceSlices;
const all = entrants().map((entrant) => ({ entrant, slices: [] as Slice[] }));

tell({ type: 'warms-up' });
for (const { entrant } of all) timed(entrant, warmUpMilliseconds);
for (let round = 0; round < rounds; round += 1) {
  // There and back: nobody always comes after the same one, and pays for what that one left behind.
  const order = round % 2 === 0 ? [...all.keys()] : [...all.keys()].reverse();
  order.forEach((index, turn) => {
    const one = all[index];
    if (!one) return;
    const { entrant, slices } = one;
    const { family, doing } = entrant;
    tell({ type: 'begins', done: (round + turn / all.length) / rounds, family, doing });
    timed(entrant, sliceMilliseconds / 4);
    slices.push(timed(entrant, sliceMilliseconds));
    tell({ type: 'result', index, result: resultOf(entrant, slices) });
  });
}

function resultOf({ family, doing, payloadBytes }: Entrant, slices: readonly Slice[]) {
  const sum = (of: (slice: Slice) => number) => slices.reduce((total, slice) => total + of(slice), 0);
  const operationsPerSecond = median(
    slices.map(({ operations, milliseconds }) => (operations * 1000) / milliseconds),
  );
  return {
    ...{ family, doing, operationsPerSecond, slices: slices.length },
    operations: sum(({ operations }) => operations),
    milliseconds: sum(({ milliseconds }) => milliseconds),
    ...(payloadBytes !== undefined && {
      payloadBytes,
      megabytesPerSecond: (operationsPerSecond * payloadBytes) / 1e6,
    }),
  };
}

/** Of an even number, the lower of the two in the middle. */
function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[(values.length - 1) >> 1] ?? 0;
}

function timed(entrant: Entrant, limit: number): Slice {
  const begin = performance.now();
  for (let operations = 1; ; operations += 1) {
    entrant.once();
    const milliseconds = performance.now() - begin;
    if (milliseconds >= limit) return { operations, milliseconds };
  }
}

function tell(message: RaceMessage): void {
  parentPort?.postMessage(message);
}
