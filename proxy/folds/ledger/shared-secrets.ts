import type { ConnectionId } from '#contract';
import type { LedgerSecret } from './ledger-row.ts';

/** A secret that an end told, before it is known where else it is. */
export type MarkedSecret = Omit<LedgerSecret, 'sharedWith'>;

type Lists = ReadonlyMap<ConnectionId, readonly MarkedSecret[]>;

/** Finds which connections have the same secret under the same label. */
export class SharedSecrets {
  #from: Lists = new Map();
  #found: ReadonlyMap<ConnectionId, readonly LedgerSecret[]> = new Map();

  /** Of each connection; a list that did not change is the same as before. */
  among(lists: Lists): ReadonlyMap<ConnectionId, readonly LedgerSecret[]> {
    if (areSame(lists, this.#from)) return this.#found;
    const owners = ownersOf(lists);
    const found = new Map<ConnectionId, readonly LedgerSecret[]>();
    for (const [id, list] of lists) {
      const fresh = list.map((secret) => ({
        ...secret,
        sharedWith: (owners.get(keyOf(secret)) ?? []).filter((other) => other !== id),
      }));
      const before = this.#found.get(id);
      const isSame = before !== undefined && JSON.stringify(before) === JSON.stringify(fresh);
      found.set(id, isSame ? before : fresh);
    }
    this.#from = lists;
    this.#found = found;
    return found;
  }
}

function areSame(lists: Lists, others: Lists): boolean {
  return lists.size === others.size && [...lists].every(([id, list]) => others.get(id) === list);
}

function ownersOf(lists: Lists): ReadonlyMap<string, readonly ConnectionId[]> {
  const owners = new Map<string, ConnectionId[]>();
  for (const [id, list] of lists)
    for (const secret of list) {
      const known = owners.get(keyOf(secret));
      if (known) known.push(id);
      else owners.set(keyOf(secret), [id]);
    }
  return owners;
}

function keyOf({ label, fingerprint }: MarkedSecret): string {
  return `${label} ${fingerprint}`;
}
