import type {
  AttackId,
  AttackInfo,
  AttackLane,
  AttackOutcome,
  AttackRun,
  AttackVerdict,
  CircumstanceKey,
} from '#contract';
import type { Guess } from './listen-words.ts';
import { measureName, measureText } from '../keys/measure-text.ts';
import { count, counted } from '../quantity.ts';

export const LANES: readonly AttackLane[] = ['http', 'https'];
export const LANE_NAMES: Readonly<Record<AttackLane, string>> = { http: 'HTTP', https: 'HTTPS' };

/** What one can say before it runs. */
export const EXPECTATIONS = ['Yes', 'No', 'No, and somebody notices'] as const;
export type Expectation = (typeof EXPECTATIONS)[number];

/** What was expected of each attack, by lane. */
export type AttackPredictions = Readonly<Partial<Record<`${AttackId}:${AttackLane}`, Expectation>>>;

export const OUTCOMES: Readonly<Record<AttackOutcome, string>> = {
  succeeded: 'Succeeded',
  refused: 'Refused',
  'no effect': 'No effect',
};

/** What each is an attack on: different things, and none of them stands for another. */
export const AIMS: Readonly<Record<AttackId, 'on reading' | 'on changing' | 'on repeating' | 'on identity'>> =
  {
    read: 'on reading',
    listen: 'on reading',
    change: 'on changing',
    replay: 'on repeating',
    downgrade: 'on changing',
    'steal-session': 'on identity',
    'hash-login': 'on identity',
    impersonate: 'on identity',
    strip: 'on identity',
    'forge-name': 'on identity',
  };

/** How what was expected compares with what came; an attack that is refused was noticed by the end that refused it. */
export function judge(expected: Expectation, outcome: AttackOutcome): string {
  if (outcome === 'succeeded')
    return expected === 'Yes' ? '✓ So it was.' : '✗ It was not so: the stranger succeeded.';
  const isNoticed = outcome === 'refused';
  if (expected === 'Yes')
    return `✗ It was not so: the stranger did not succeed${isNoticed ? ', and was noticed' : ''}.`;
  if (expected === 'No') return isNoticed ? '✓ So it was, and somebody noticed.' : '✓ So it was.';
  return isNoticed ? '✓ So it was.' : '✗ Half so: the stranger did not succeed, but nobody noticed.';
}

/** The half sentence that an old name of OpenSSL's needs. */
export function errorNote(victimSaw: string): string | undefined {
  return victimSaw.includes('SSLV3_ALERT')
    ? 'The name is OpenSSL’s, from the days of SSL 3; the connection was TLS.'
    : undefined;
}

/** Whether it begins with an error's code, as the victim itself reported it; what else it saw is said in other words. */
export function isVictimsError(victimSaw: string): boolean {
  return /^(?:[a-z0-9.-]+: )?[A-Z][A-Z0-9]*_[A-Z0-9_]+:/.test(victimSaw);
}

/** What the site's own counters say of one lane, a line each. */
export function siteLines(verdict: AttackVerdict): readonly string[] {
  const handled =
    verdict.siteHandled === 0
      ? 'handled no request of the attack'
      : `handled ${counted(verdict.siteHandled, 'request')} of the attack`;
  const rest = Object.entries(verdict.siteCounted ?? {}).map(
    ([name, value]) => `${measureName(name)}: ${measureText(name, value)}`,
  );
  return [handled, ...rest];
}

/** `Change a transfer: over HTTP succeeded, over HTTPS refused.` */
export function resultSentence(title: string, run: AttackRun, guesses: Guesses): string {
  const parts = LANES.flatMap((lane) => {
    const verdict = run[lane];
    if (isRiddle(verdict, guesses)) return `over ${LANE_NAMES[lane]} a riddle to guess`;
    return verdict ? `over ${LANE_NAMES[lane]} ${OUTCOMES[verdict.outcome].toLowerCase()}` : [];
  });
  return `${title}: ${parts.join(', ')}.`;
}

/** `HTTP: 2 of 3 succeeded`, and the same of HTTPS; nothing before any ran. */
export function score(runs: readonly AttackRun[], guesses: Guesses): readonly string[] {
  return LANES.flatMap((lane) => {
    // What is still to be guessed would be half guessed by its result.
    const verdicts = runs.flatMap((run) => run[lane] ?? []).filter((verdict) => !isRiddle(verdict, guesses));
    const succeeded = verdicts.filter(({ outcome }) => outcome === 'succeeded').length;
    if (verdicts.length === 0) return [];
    return `${LANE_NAMES[lane]}: ${count(succeeded)} of ${count(verdicts.length)} succeeded`;
  });
}

/** Under what a verdict came, where something can be chosen: `with “The victim has installed the stranger’s CA”`. */
export function underWords({ circumstance }: AttackInfo, under: CircumstanceKey | undefined): string {
  return circumstance ? `, ${under === undefined ? 'without' : 'with'} “${circumstance.label}”` : '';
}

/** Those that let other bytes go on than came, or answer in somebody’s place. */
const CHANGING: readonly AttackId[] = ['change', 'downgrade', 'impersonate', 'strip', 'forge-name'];

/** Whether what a victim of these sees may be the stranger’s work. */
export function isChanging(armed: readonly AttackInfo[]): boolean {
  return armed.some(({ id }) => CHANGING.includes(id));
}

/** What is said on the Stage for as long as any is armed. */
export function armedSentence(armed: readonly AttackInfo[]): string {
  const names = armed.map(({ title }) => `“${title.replaceAll(/[“”]/g, '')}”`).join(', ');
  const what = isChanging(armed)
    ? 'The stranger changes what crosses'
    : 'The stranger waits for whoever comes';
  return `${what}: ${names} ${armed.length === 1 ? 'is' : 'are'} armed.`;
}

/** The later of the two, by what they rest on. */
export function laterOf(
  one: AttackVerdict | undefined,
  other: AttackVerdict | undefined,
): AttackVerdict | undefined {
  if (!one || !other) return one ?? other;
  return lastOf(other) > lastOf(one) ? other : one;
}

function lastOf({ evidence }: AttackVerdict): number {
  return evidence.at(-1) ?? -1;
}

/** `Change over HTTP: succeeded`: what came last of those that are armed; nothing before anything came. */
export function newestArmed(armed: readonly AttackInfo[]): string | undefined {
  const told = armed.flatMap(({ title, whileArmed }) =>
    LANES.flatMap((lane) => {
      const verdict = whileArmed[lane];
      return verdict ? [{ title, lane, verdict }] : [];
    }),
  );
  const newest = told.toSorted((one, other) => lastOf(other.verdict) - lastOf(one.verdict))[0];
  if (!newest) return undefined;
  const { title, lane, verdict } = newest;
  return `${title} over ${LANE_NAMES[lane]}: ${OUTCOMES[verdict.outcome].toLowerCase()}`;
}

/** Tells one riddle from another; undefined where the verdict poses none. */
export function riddleKey(verdict: AttackVerdict | undefined): string | undefined {
  return verdict?.riddle && JSON.stringify(verdict.riddle);
}

/** What was guessed of each riddle whose answer has been asked for, by its key. */
export type Guesses = Readonly<Record<string, Guess>>;

/** Whether a verdict poses a riddle that is still to be guessed. */
export function isRiddle(verdict: AttackVerdict | undefined, guesses: Guesses): boolean {
  const key = riddleKey(verdict);
  return key !== undefined && !Object.hasOwn(guesses, key);
}
