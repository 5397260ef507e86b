import type { LoginResult } from '#contract';
import { VICTIMS_AGENT } from '../victim/request.ts';
import type { SiteBooks } from './attack.ts';

/** What the victim saw: its own error, or that the site answered. */
export function seenBy(victim: LoginResult | undefined): string {
  if (victim === undefined) return 'It was not there.';
  if (victim.error) return `${victim.error.code}: ${victim.error.message}`;
  return victim.ok
    ? `Nothing unusual: the site answered ${victim.status ?? ''}.`
    : `The site answered ${victim.status ?? ''}.`;
}

/** The result of an errand on the lane that it was for. Rejects when the lab has no such site. */
export function onLane<Result>(
  answer: { readonly http?: Result; readonly https?: Result },
  lane: 'http' | 'https',
): Result {
  const result = answer[lane];
  if (result === undefined) throw new Error('the victim was not there');
  return result;
}

/** Throws where the site never answered: then nothing was stopped, nothing was tried. */
export function assertAnswered(victim: LoginResult): void {
  if (victim.status === undefined) throw new Error(`the site did not answer the victim: ${seenBy(victim)}`);
}

/** Answers what the site has booked since in login sessions of the scripted victim's, and in no others. */
export function watchTransfers(books: SiteBooks): () => ReturnType<SiteBooks['transfers']> {
  const before = new Set<unknown>(books.transfers());
  return () => {
    // A browser may send money of its own meanwhile.
    const own = new Set(books.sessions().flatMap((session) => (isVictims(session) ? [session.name] : [])));
    return books.transfers().filter((transfer) => !before.has(transfer) && own.has(transfer.session));
  };
}

/** Answers the login sessions that the site has begun since. */
export function watchSessions(books: SiteBooks): () => ReturnType<SiteBooks['sessions']> {
  const before = new Set(books.sessions().map(({ name }) => name));
  return () => books.sessions().filter(({ name }) => !before.has(name));
}

/** Whether the scripted victim has used this login session. */
export function isVictims({ clients }: ReturnType<SiteBooks['sessions']>[number]): boolean {
  return clients.some((client) => client.startsWith(VICTIMS_AGENT));
}
