import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { Measures } from '#contract';
import type { Experiment } from './experiment.ts';
import { ecNumbers, rsaNumbers, x25519Numbers } from './key-numbers.ts';

const generate = promisify(generateKeyPair);

/** A kind of pair, how many of it are made, and how; RSA has the longest search, so fewest. */
interface Kind {
  readonly name: 'ec' | 'x25519' | 'rsa';
  readonly words: string;
  readonly times: number;
  /** Made before, and not timed. */
  readonly warmUps: number;
  readonly make: () => Promise<KeyObject>;
  readonly numbers: (key: KeyObject) => object;
}

const KINDS: readonly Kind[] = [
  {
    ...{ name: 'ec', words: 'EC P-256', times: 21, warmUps: 16, numbers: ecNumbers },
    make: async () => (await generate('ec', { namedCurve: 'P-256' })).privateKey,
  },
  {
    ...{ name: 'x25519', words: 'X25519', times: 21, warmUps: 16, numbers: x25519Numbers },
    make: async () => (await generate('x25519')).privateKey,
  },
  {
    ...{ name: 'rsa', words: 'RSA-2048', times: 9, warmUps: 1, numbers: rsaNumbers },
    make: async () => (await generate('rsa', { modulusLength: 2048, publicExponent: 0x10001 })).privateKey,
  },
];

/**
 * Makes key pairs off the main thread and times them. The numbers of the last of each kind are shown whole: it is
 * thrown away at once, and no site ever used it.
 */
export const keyPairs: Experiment = {
  id: 'key-pairs',
  title: 'Make key pairs',
  about:
    'Makes key pairs on this machine, EC P-256, X25519 and RSA-2048, and shows the numbers of one of each.',
  seconds: 3,
  async run(context) {
    const { signal } = context;
    const total = KINDS.reduce((sum, { times }) => sum + times, 0);
    const measures: Record<string, Measures> = {};
    let made = 0;
    for (const { name, words, times, warmUps, make, numbers } of KINDS) {
      // The first of a kind pays for what OpenSSL sets up once, and once again on each thread of the pool.
      await Promise.all(Array.from({ length: warmUps }, make));
      let key = await make();
      const durations: number[] = [];
      while (durations.length < times) {
        signal.throwIfAborted();
        context.progress(
          made / total,
          `${words}, pair ${String(durations.length + 1)} of ${String(times)}`,
          measures,
        );
        const begin = performance.now();
        key = await make();
        durations.push(performance.now() - begin);
        made += 1;
      }
      measures[name] = { ...timings(durations), numbers: { ...numbers(key) } };
    }
    signal.throwIfAborted();
    return { outcome: outcome(measures), measures, events: [] };
  },
};

/** `milliseconds` of each, in the order in which they were made. */
function timings(durations: readonly number[]): Measures {
  const milliseconds = durations.map(rounded);
  const sorted = milliseconds.toSorted((a, b) => a - b);
  return {
    milliseconds,
    medianMilliseconds: sorted[sorted.length >> 1] ?? 0,
    shortestMilliseconds: sorted[0] ?? 0,
    longestMilliseconds: sorted.at(-1) ?? 0,
  };
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

function outcome({ ec, rsa }: Readonly<Record<string, Measures>>): string {
  const one = Number(ec?.['medianMilliseconds']);
  const other = Number(rsa?.['medianMilliseconds']);
  const [shortest, longest] = [Number(rsa?.['shortestMilliseconds']), Number(rsa?.['longestMilliseconds'])];
  return (
    `An EC pair took ${inWords(one)} ms, an RSA-2048 pair ${inWords(other)} ms (medians), ` +
    `RSA between ${inWords(shortest)} and ${inWords(longest)}: its primes are searched for.`
  );
}

/** Two digits, and never an exponent. */
function inWords(milliseconds: number): string {
  return String(Number(milliseconds.toPrecision(2)));
}
