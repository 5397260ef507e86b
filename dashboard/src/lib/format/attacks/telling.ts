import type { AttackActed } from '#contract';
import { deedWords } from './deed-words.ts';

/** What tells most first; among equals the older one. */
export function tellingFirst(deeds: readonly AttackActed[]): readonly AttackActed[] {
  return deeds
    .map((deed) => ({ deed, rank: rankOf(deed) }))
    .toSorted((one, other) => one.rank - other.rank)
    .map(({ deed }) => deed);
}

const RANKS = [
  ...['a changed order', 'a change', 'a page that was written into', 'a changed field of the head'],
  ...['a login that was read', 'a request that was read', 'an answer that was read', 'hardly anything'],
] as const;

function rankOf(deed: AttackActed): number {
  return RANKS.indexOf(deed.after === undefined ? kindRead(deed) : kindChanged(deed));
}

function kindChanged(deed: AttackActed): (typeof RANKS)[number] {
  const after = new TextDecoder().decode(deed.after);
  if (after.includes('"amount"')) return 'a changed order';
  // An address, a version or what was sealed has no markup, though a byte of it may look like some.
  if (deed.attack === 'change' && /<body[ >]/i.test(after)) return 'a page that was written into';
  return deed.attack === 'change' && deedWords(deed).field !== undefined
    ? 'a changed field of the head'
    : 'a change';
}

function kindRead({ direction, before }: AttackActed): (typeof RANKS)[number] {
  // The end of what came in pieces.
  if (before === undefined || before.length <= 1) return 'hardly anything';
  if (direction === 'server-to-client') return 'an answer that was read';
  return new TextDecoder().decode(before).includes('"password"')
    ? 'a login that was read'
    : 'a request that was read';
}
