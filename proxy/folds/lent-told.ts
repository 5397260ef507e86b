import type { ConnectionId, LogEvent, SecretsLogged } from '#contract';
import { KeyLog } from '#keys/key-log.ts';

/** Who can lend keys: one of the two ends. */
export type Lender = SecretsLogged['vantage'];

/** How many connections each end has told keys of. */
export type ToldCounts = Readonly<Record<Lender, number>>;

/** Whose key a line tells, without the key. */
export interface ToldKey {
  /** In hex. */
  readonly clientRandom: string;
  readonly connection: ConnectionId | undefined;
}

const RANDOM = /^\S+\s+([0-9a-f]{64})\s/i;

/** The keys that each end has told of itself, kept apart by end; nothing is opened with them here. */
export class KeysTold {
  readonly #logs: Readonly<Record<Lender, KeyLog>> = { victim: new KeyLog(), site: new KeyLog() };
  readonly #names = new Map<ConnectionId, Set<string>>();

  get counts(): ToldCounts {
    return { victim: this.#logs.victim.size, site: this.#logs.site.size };
  }

  /** Takes the events that tell keys, and passes over the others; returns whose key was told. */
  apply(event: LogEvent): ToldKey | undefined {
    if (event.type !== 'secrets-logged') return undefined;
    const { connection, line, vantage } = event;
    const clientRandom = RANDOM.exec(line)?.[1]?.toLowerCase();
    if (clientRandom === undefined) return undefined;
    this.#logs[vantage].add(line, connection);
    if (connection !== undefined) {
      const names = this.#names.get(connection) ?? new Set();
      this.#names.set(connection, names.add(clientRandom));
    }
    return { clientRandom, connection };
  }

  /** What this end lends: goes on to hold what it tells later. */
  of(lender: Lender): KeyLog {
    return this.#logs[lender];
  }

  /** The log has forgotten the connection, and so are its keys. */
  forget(connection: ConnectionId): void {
    for (const name of this.#names.get(connection) ?? []) {
      this.#logs.victim.forget(name, connection);
      this.#logs.site.forget(name, connection);
    }
    this.#names.delete(connection);
  }
}
