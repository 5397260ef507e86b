import type { Measures } from '#contract';
import { groupIn, numberIn, numbersIn, textIn } from './measured.ts';

/** One number of a key pair. */
export interface PairNumber {
  readonly name: string;
  readonly about: string;
  readonly isPublic: boolean;
  readonly value: Uint8Array;
}

/** One kind of pair: how long making it took, and the numbers of one. */
export interface PairCard {
  readonly kind: 'ec' | 'x25519' | 'rsa';
  readonly title: string;
  readonly how: string;
  /** Of each one made. */
  readonly milliseconds: readonly number[];
  readonly median: number;
  readonly shortest: number;
  readonly longest: number;
  readonly numbers: readonly PairNumber[];
  readonly checks: readonly { readonly formula: string; readonly holds: boolean }[];
}

interface Kind {
  readonly kind: PairCard['kind'];
  readonly title: string;
  readonly how: string;
  readonly numbers: readonly (readonly [name: string, about: string, isPublic?: 'public'])[];
  readonly checks: readonly (readonly [name: string, formula: string])[];
}

const KINDS: readonly Kind[] = [
  {
    kind: 'ec',
    title: 'EC P-256',
    how: 'A random number d, and the point d·G that it leads to: nothing has to be searched for.',
    numbers: [
      ['d', 'the private scalar'],
      ['x', 'of the public point', 'public'],
      ['y', 'of the public point', 'public'],
    ],
    checks: [['isPointOfScalar', 'd·G = (x, y)']],
  },
  {
    kind: 'x25519',
    title: 'X25519',
    how: 'The same on another curve, with one coordinate: a common kind of key share, alone or together with ML-KEM-768.',
    numbers: [
      ['d', 'the private key, read as a scalar; lowest byte first'],
      ['u', 'of the public point; lowest byte first', 'public'],
    ],
    checks: [['isPointOfScalar', 'X25519(d, 9) = u']],
  },
  {
    kind: 'rsa',
    title: 'RSA-2048',
    how: 'Two random primes, found by trying: how long that takes is luck, so the times differ.',
    numbers: [
      ['n', 'the modulus, p·q', 'public'],
      ['e', 'the public exponent, 65537', 'public'],
      ['d', 'the private exponent'],
      ['p', 'a prime'],
      ['q', 'another prime'],
    ],
    checks: [
      ['isProduct', 'p·q = n'],
      ['isInverse', 'e·d ≡ 1 mod lcm(p−1, q−1)'],
    ],
  },
];

/** What was made, in the order in which it is shown; kinds that were not made yet are left out. */
export function pairCards(measures: Measures | undefined): readonly PairCard[] {
  return KINDS.flatMap(({ kind, title, how, numbers, checks }) => {
    const made = groupIn(measures, kind);
    const told = groupIn(made, 'numbers');
    if (!made || !told) return [];
    return {
      ...{ kind, title, how },
      milliseconds: numbersIn(made, 'milliseconds'),
      median: numberIn(made, 'medianMilliseconds') ?? 0,
      shortest: numberIn(made, 'shortestMilliseconds') ?? 0,
      longest: numberIn(made, 'longestMilliseconds') ?? 0,
      numbers: numbers.map(([name, about, side]) => ({
        ...{ name, about, isPublic: side === 'public' },
        value: bytesOf(textIn(told, name)),
      })),
      checks: checks.map(([name, formula]) => ({ formula, holds: told[name] === true })),
    };
  });
}

const significant = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });

/** `0.12 ms`, `84 ms`. */
export function millisecondsOf(value: number): string {
  return `${significant.format(value)} ms`;
}

/** `median of 9; from 40 ms to 310 ms` */
export function timingLine({ milliseconds, shortest, longest }: PairCard): string {
  return `median of ${String(milliseconds.length)}; from ${millisecondsOf(shortest)} to ${millisecondsOf(longest)}`;
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}
