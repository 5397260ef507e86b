import type { AttackLane, LoginResult, Opener } from '#contract';
import { VICTIMS_AGENT } from '../victim/request.ts';
import type { SiteBooks } from './attack.ts';
import { STRANGERS_AGENT } from './strangers-client.ts';

/** What the victim saw: its own error, or that the site answered. */
export function seenBy(victim: LoginResult | undefined): string {
  if (victim === undefined) return 'It was not there.';
  if (victim.error) return `${victim.error.code}: ${victim.error.message}`;
  return victim.ok
    ? `Nothing unusual: the site answered ${victim.status ?? ''}.`
    : `The site answered ${victim.status ?? ''}.`;
}

/** Whoever came, at the beginning of a sentence. */
export function whoCame(opener: Opener): string {
  if (opener === 'scripted-victim') return 'The scripted victim';
  return opener === 'demo-browser' ? 'The demo browser' : 'Another client';
}

/** The same inside of a sentence. */
export function whose(opener: Opener): string {
  const name = whoCame(opener);
  return name.charAt(0).toLowerCase() + name.slice(1);
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

/** Answers all that the site has booked since, whoever sent it. */
export function bookedSince(books: SiteBooks): () => ReturnType<SiteBooks['transfers']> {
  const before = new Set<unknown>(books.transfers());
  return () => books.transfers().filter((transfer) => !before.has(transfer));
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

export function rupees(amount: number): string {
  return `₹${amount.toLocaleString('en')}`;
}

/** Whether the stranger's own client has used it. */
export function hasStranger({ clients }: ReturnType<SiteBooks['sessions']>[number]): boolean {
  return clients.some((client) => client.startsWith(STRANGERS_AGENT));
}

/** Whether it may be of whoever came like this: the scripted victim says who it is, everybody else does not. */
export function isUsedBy(
  { clients }: ReturnType<SiteBooks['sessions']>[number],
  opener: Opener,
  lane: AttackLane,
): boolean {
  return clients.some(
    (client) =>
      client.endsWith(` over ${lane.toUpperCase()}`) &&
      !client.startsWith(STRANGERS_AGENT) &&
      client.startsWith(VICTIMS_AGENT) === (opener === 'scripted-victim'),
  );
}

export function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
