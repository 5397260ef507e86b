import type { LeakCase, LeakState, LeakStep } from '#folds/leaked-key/leak-case.ts';
import type { LeakedKeys } from '#folds/leaked-key/leaked-key.ts';
import { OPENERS, seconds } from '../inspector/words.ts';

/** The one that encrypts to its certificate's key, and the one that only signs with it. */
export const STOLEN_HOSTS = ['static-rsa.test', 'piggypay.test'] as const;

/** What the screen shows of one host: what was recorded, and what its stolen key makes of it. */
export interface StolenColumn {
  readonly host: string;
  /** Recorded connections that carried something sealed. */
  readonly sessions: number;
  readonly hasLeaked: boolean;
  readonly cases: readonly LeakCase[];
}

/** The lab's two hosts, as long as there is anything of theirs or nothing else; then any other whose key was given. */
export function stolenColumns(
  leaks: Pick<LeakedKeys, 'cases' | 'sessions' | 'hasLeaked'>,
): readonly StolenColumn[] {
  const cases = leaks.cases();
  const others = new Set(cases.map(({ host }) => host));
  for (const host of STOLEN_HOSTS) others.delete(host);
  const own = STOLEN_HOSTS.filter((host) => others.size === 0 || leaks.sessions(host).length > 0);
  return [...own, ...others].map((host) => ({
    host,
    sessions: leaks.sessions(host).length,
    hasLeaked: leaks.hasLeaked(host),
    cases: cases.filter((each) => each.host === host),
  }));
}

/** The one to look at first: the newest with a login in it, else the newest. */
export function firstCase({ cases }: Pick<StolenColumn, 'cases'>): LeakCase | undefined {
  return cases.findLast(({ login }) => login) ?? cases.findLast(({ opened }) => opened > 0) ?? cases.at(-1);
}

export function sessionsLine({ sessions, cases, hasLeaked }: StolenColumn): string {
  if (sessions === 0) return 'Nothing recorded yet.';
  const recorded = sessions === 1 ? '1 session recorded' : `${sessions} sessions recorded`;
  if (!hasLeaked) return `${recorded}; the stranger cannot read ${sessions === 1 ? 'it' : 'them'}.`;
  const opened = cases.filter((each) => each.opened > 0).length;
  return `${recorded}; with the stolen key ${opened} of ${cases.length} ${opened === 1 ? 'opens' : 'open'}.`;
}

/** `TLS 1.2 · TLS_RSA_WITH_AES_128_GCM_SHA256 · static RSA · key RSA, 2048 bits` */
export function caseLine({ version, suite, exchange, key }: LeakCase): string {
  return [version, suite, ...(exchange === 'other' ? [] : [exchange]), `key: ${key}`].join(' · ');
}

export const STATE_WORDS: Readonly<Record<LeakState, string>> = {
  done: 'Done',
  stops: 'Stops here',
  'not-reached': 'Not reached',
};

/** `connection 7 · 12.345 s · scripted victim, resumed`: which, how long after the capture began, and who opened it. */
export function sessionName({ connection, openedAt, opener, exchange }: LeakCase): string {
  const resumed = exchange === 'resumption' ? ', resumed' : '';
  return `connection ${connection} · ${seconds(openedAt)}\u00a0s · ${OPENERS[opener]}${resumed}`;
}

/** How something is known, of a capture that may have been opened from a file. */
export function sourceWords(source: NonNullable<LeakStep['source']>, isRecorded: boolean): string {
  if (!isRecorded) return source;
  if (source === 'captured') return 'recorded';
  return source === 'leaked by the site' ? 'given with the recording' : source;
}

/** One sentence on the whole. */
export function verdictLine({ opened, sealed, login }: LeakCase): string {
  const all = opened + sealed;
  if (opened === 0) return `Stays sealed: 0 of ${all} records opened.`;
  return `${login ? 'Read, the password included' : 'Read'}: ${opened} of ${all} records opened.`;
}
