import { Worker } from 'node:worker_threads';
import type { Experiment, ExperimentContext } from './experiment.ts';

/** How long each is warmed up, which does not count, and then measured, and how often it has its turn. */
export interface RaceSlices {
  readonly warmUpMilliseconds: number;
  readonly sliceMilliseconds: number;
  readonly rounds: number;
}

export interface RaceResult {
  readonly family: string;
  readonly doing: string;
  /** Of all its slices together, so far. */
  readonly slices: number;
  readonly operations: number;
  readonly milliseconds: number;
  /** In the median slice. */
  readonly operationsPerSecond: number;
  /** Of the application's data in one operation, and 10⁶ of them a second; absent where it carries none. */
  readonly payloadBytes?: number;
  readonly megabytesPerSecond?: number;
}

/** What the thread of the race says: each turn's beginning and then the entrant's result up to it. */
export type RaceMessage =
  | { readonly type: 'warms-up' }
  | { readonly type: 'begins'; readonly done: number; readonly family: string; readonly doing: string }
  | { readonly type: 'result'; readonly index: number; readonly result: RaceResult };

const SLICES: RaceSlices = { warmUpMilliseconds: 60, sliceMilliseconds: 40, rounds: 7 };

/** RSA, EC and the ciphers of TLS records, as fast as this machine can, in turns on one thread. */
export const race: Experiment = {
  id: 'race',
  title: 'Race RSA, EC and AES-GCM',
  about:
    'Does with RSA, EC, AES-GCM and ChaCha20-Poly1305 as much as this machine can, in short turns; the median turn of each counts.',
  seconds: 5,
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
    if (message.type === 'result') results[message.index] = message.result;
    else if (message.type === 'warms-up') progress(0, 'All warm up; that does not count.', measures());
    else progress(message.done, `${message.family}: ${message.doing}`, measures());
  });
  const ratio = speed(results, 'AES-128-GCM', 'seal records') / speed(results, 'RSA-2048', 'decrypt');
  const outcome =
    `This machine sealed ${words(speed(results, 'AES-128-GCM', 'seal records'))} MB a second with AES-128-GCM and ` +
    `opened ${words(speed(results, 'RSA-2048', 'decrypt'))} MB a second with RSA-2048: about ${roughly(ratio)} to one.`;
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

/** As much of a ratio as the next race would say too: one digit, after a leading 1 two. */
function roughly(ratio: number): string {
  const maximumSignificantDigits = ratio.toExponential().startsWith('1') ? 2 : 1;
  return new Intl.NumberFormat('en', { maximumSignificantDigits }).format(ratio);
}
