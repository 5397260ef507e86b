import type { Measures } from '#contract';
import { groupsIn, numberIn, textIn } from './measured.ts';

/** One entrant of the race, measured. */
export interface RaceRow {
  readonly family: string;
  readonly doing: string;
  /** Public keys, or the ciphers that records are sealed with. */
  readonly kind: 'public key' | 'cipher';
  readonly operationsPerSecond: number;
  /** 10⁶ bytes of payload a second; absent where it carries none. */
  readonly megabytesPerSecond?: number;
}

/** A scale on which each step to the right is ten times as much. */
export interface LogScale {
  readonly from: number;
  readonly to: number;
  /** The powers of ten between them, both ends included. */
  readonly ticks: readonly number[];
}

export function raceRows(measures: Measures | undefined): readonly RaceRow[] {
  return groupsIn(measures, 'entrants').map((entrant) => {
    const family = textIn(entrant, 'family');
    const megabytesPerSecond = numberIn(entrant, 'megabytesPerSecond');
    return {
      family,
      doing: textIn(entrant, 'doing'),
      kind: /AES|ChaCha/.test(family) ? 'cipher' : 'public key',
      operationsPerSecond: numberIn(entrant, 'operationsPerSecond') ?? 0,
      ...(megabytesPerSecond !== undefined && { megabytesPerSecond }),
    };
  });
}

/** Whole powers of ten around all values; a scale of one decade where there are none. */
export function logScale(values: readonly number[]): LogScale {
  const logs = values.filter((value) => value > 0).map(Math.log10);
  const low = logs.length === 0 ? 0 : Math.floor(Math.min(...logs));
  const high = Math.max(low + 1, logs.length === 0 ? 1 : Math.ceil(Math.max(...logs)));
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
  return { from: 10 ** low, to: 10 ** high, ticks };
}

/** How much of the width a value takes, between 0 and 1. */
export function shareOf(value: number, { from, to }: LogScale): number {
  if (value <= from) return 0;
  return Math.min(1, Math.log10(value / from) / Math.log10(to / from));
}

const rounded = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const short = new Intl.NumberFormat('en', { notation: 'compact' });

/** `21,300`, `0.24`: as much as is known of it. */
export function rateOf(value: number): string {
  return rounded.format(value);
}

/** `10K`, `0.1`: what stands at the ticks. */
export function tickOf(value: number): string {
  return short.format(value);
}

/** Why not public keys for everything, in the numbers of this machine; undefined until both were measured. */
export function ratioSentence(measures: Measures | undefined): string | undefined {
  const ratio = numberIn(measures, 'ratio');
  if (ratio === undefined || !Number.isFinite(ratio)) return undefined;
  return (
    `Why not public keys for everything? On this very machine AES-128-GCM sealed about ${roughly(ratio)} times as many bytes as ` +
    'RSA-2048 could open in the same time. So key pairs only sign and agree on a secret, once a connection; ' +
    'what is said then is sealed with symmetric keys made from that secret.'
  );
}

/** How it was measured; undefined before. */
export function raceManner(measures: Measures | undefined): string | undefined {
  const rounds = numberIn(measures, 'rounds');
  const slice = numberIn(measures, 'sliceMilliseconds');
  if (rounds === undefined || slice === undefined) return undefined;
  return (
    `All take turns on one thread of this machine, ${String(rounds)} turns of ${String(slice)} ms each after a warm-up ` +
    'that does not count; what stands here is the median turn, and another race will differ by some percent.'
  );
}

/** As much of a ratio as the next race would say too: one digit, after a leading 1 two. */
function roughly(ratio: number): string {
  const maximumSignificantDigits = ratio.toExponential().startsWith('1') ? 2 : 1;
  return new Intl.NumberFormat('en', { maximumSignificantDigits }).format(ratio);
}
