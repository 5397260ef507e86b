/** A thread of its own, so that the relay never waits for the race. Told how long a slice is; ends by itself. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Entrant, entrants } from './race-entrants.ts';
import type { RaceMessage, RaceSlices } from './race.ts';

const { warmUpMilliseconds, sliceMilliseconds } = workerData as RaceSlices;
const all = entrants();

all.forEach((entrant, index) => {
  const { family, doing, payloadBytes } = entrant;
  tell({ type: 'begins', index, of: all.length, family, doing });
  timed(entrant, warmUpMilliseconds);
  const { operations, milliseconds } = timed(entrant, sliceMilliseconds);
  const operationsPerSecond = (operations * 1000) / milliseconds;
  tell({
    type: 'result',
    result: {
      ...{ family, doing, operations, milliseconds, operationsPerSecond },
      ...(payloadBytes !== undefined && {
        payloadBytes,
        megabytesPerSecond: (operationsPerSecond * payloadBytes) / 1e6,
      }),
    },
  });
});

function timed(entrant: Entrant, limit: number): { operations: number; milliseconds: number } {
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
