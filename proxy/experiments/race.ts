import { Worker } from 'node:worker_threads';
import type { Experiment, ExperimentContext } from './experiment.ts';

/** How long each is warmed up and then measured. */
export interface RaceSlices {
  readonly warmUpMilliseconds: number;
  readonly sliceMilliseconds: number;
}

export interface RaceResult {
  readonly family: string;
  readonly doing: string;
  readonly operations: number;
  readonly milliseconds: number;
  readonly operationsPerSecond: number;
  /** Of the application's data in one operation, and 10⁶ of them a second; absent where it carries none. */
  readonly payloadBytes?: number;
  readonly megabytesPerSecond?: number;
}

/** What the thread of the race says, each entrant's beginning and then its result. */
export type RaceMessage =
  | {
      readonly type: 'begins';
      readonly index: number;
      readonly of: number;
      readonly family: string;
      readonly doing: string;
    }
  | { readonly type: 'result'; readonly result: RaceResult };

const SLICES: RaceSlices = { warmUpMilliseconds: 40, sliceMilliseconds: 250 };

/** RSA, EC and the ciphers of TLS records, as fast as this machine can, one after the other on one thread. */
export const race: Experiment = {
  id: 'race',
  title: 'Race RSA, EC and AES-GCM',
  about:
    'Does with RSA, EC, AES-GCM and ChaCha20-Poly1305 as much as this machine can, a quarter of a second each.',
  seconds: 4,
  run: (context) => raceFor(SLICES, context),
};

/** The same with slices of another length. */
export async function raceFor(
  slices: RaceSlices,
  { signal, progress }: Pick<ExperimentContext, 'signal' | 'progress'>,
): ReturnType<Experiment['run']> {
  signal.throwIfAborted();
  const results: RaceResult[] = [];
  const measures = () => ({ ...slices, entrants: results.map((result) => ({ ...result })) });
  await finished(startThread(slices), signal, (message) => {
    if (message.type === 'result') results.push(message.result);
    else progress(message.index / message.of, `${message.family}: ${message.doing}`, measures());
  });
  const ratio = speed(results, 'AES-128-GCM', 'seal records') / speed(results, 'RSA-2048', 'decrypt');
  const outcome =
    `This machine sealed ${words(speed(results, 'AES-128-GCM', 'seal records'))} MB a second with AES-128-GCM and ` +
    `opened ${words(speed(results, 'RSA-2048', 'decrypt'))} MB a second with RSA-2048: ${words(ratio)} to one.`;
  return { outcome, measures: { ...measures(), ratio }, events: [] };
}

// What reads TypeScript is registered on the main thread alone; the other has to do it for itself.
function startThread(slices: RaceSlices): Worker {
  const tsx = import.meta.resolve('tsx/esm/api');
  const preparing = `import { register } from ${JSON.stringify(tsx)}; register();`;
  return new Worker(new URL('./race-worker.ts', import.meta.url), {
    workerData: slices,
    execArgv: ['--import', `data:text/javascript,${encodeURIComponent(preparing)}`],
  });
}

/** Resolves when the thread is gone after its work, rejects when it is gone before, and leaves none behind. */
async function finished(
  worker: Worker,
  signal: AbortSignal,
  listen: (message: RaceMessage) => void,
): Promise<void> {
  const stop = (): void => void worker.terminate();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on('message', listen);
      worker.once('error', reject);
      worker.once('exit', (code) => {
        if (code === 0) resolve();
        else reject(new Error(`the race ended early, with ${String(code)}`));
      });
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function speed(results: readonly RaceResult[], family: string, doing: string): number {
  const found = results.find((result) => result.family === family && result.doing === doing);
  return found?.megabytesPerSecond ?? NaN;
}

const grouped = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });

function words(value: number): string {
  return grouped.format(value);
}
