import type { ConnectionId, ToldEvent } from '#contract';
import { KeyLog, type SecretLabel } from '#keys/key-log.ts';
import type { OriginSource } from './key-origin.ts';

/** A value that an end told of its own. */
export interface ToldValue {
  readonly bytes: Uint8Array;
  readonly source: Extract<OriginSource, 'told by the victim' | 'told by the site'>;
}

interface ToldShare {
  readonly group: number;
  readonly privateKey: Uint8Array;
}

// Longer than any lesson; a browser that keeps reloading would fill the memory otherwise.
const MOST_CONNECTIONS = 500;
const MOST_HOSTS = 100;
const LINE = /^(\S+)\s+([0-9a-f]{64})\s/i;

/** All keys that the ends have told: lines of their key logs, private halves of key shares, keys that got out. */
export class ToldKeys {
  /** Everything that either end told, for opening records. */
  readonly keyLog = new KeyLog();
  readonly #ends = { victim: new KeyLog(), site: new KeyLog() };
  /** By client random, in the order in which they were first told: the connection, where it is known. */
  readonly #names = new Map<string, ConnectionId | undefined>();
  readonly #shares = new Map<ConnectionId, ToldShare[]>();
  readonly #leaked = new Map<string, Uint8Array>();
  #version = 0;

  /** Rises with everything that is told. */
  get version(): number {
    return this.#version;
  }

  apply(event: ToldEvent): void {
    if (event.type === 'secrets-logged') this.#addLine(event);
    else if (event.type === 'private-key-leaked') {
      this.#leaked.set(event.host, event.key);
      forgetOldest(this.#leaked, MOST_HOSTS);
    } else if (event.type === 'key-share-told' && event.connection !== undefined) {
      const { connection, group, privateKey } = event;
      this.#shares.set(
        connection,
        [...(this.#shares.get(connection) ?? []), { group, privateKey }].slice(-4),
      );
      forgetOldest(this.#shares, MOST_CONNECTIONS);
    } else return;
    this.#version += 1;
  }

  /** What an end told under this label of the connection with this client random; the victim is asked first. */
  secret(label: SecretLabel, clientRandom: string): ToldValue | undefined {
    const ofVictim = this.#ends.victim.secret(label, clientRandom);
    if (ofVictim) return { bytes: ofVictim, source: 'told by the victim' };
    const ofSite = this.#ends.site.secret(label, clientRandom);
    return ofSite && { bytes: ofSite, source: 'told by the site' };
  }

  /** The private halves that the victim told of this connection, the newest first. */
  privateHalves(connection: ConnectionId, group: number): readonly Uint8Array[] {
    const shares = this.#shares.get(connection) ?? [];
    return shares
      .filter((share) => share.group === group)
      .map(({ privateKey }) => privateKey)
      .reverse();
  }

  /** The private key of a host's certificate, where it got out. */
  leaked(host: string): Uint8Array | undefined {
    return this.#leaked.get(host);
  }

  /** The first connection, other than the one of this client random, whose told master secret is the same. */
  connectionWithMaster(master: Uint8Array, clientRandom: string): ConnectionId | undefined {
    for (const [name, connection] of this.#names) {
      if (name === clientRandom) return undefined;
      const other = this.keyLog.secret('CLIENT_RANDOM', name);
      if (other?.length === master.length && other.every((byte, at) => byte === master[at]))
        return connection;
    }
    return undefined;
  }

  #addLine({ vantage, line, connection }: Extract<ToldEvent, { type: 'secrets-logged' }>): void {
    const name = LINE.exec(line)?.[2]?.toLowerCase();
    if (name === undefined) return;
    this.#ends[vantage].add(line);
    this.keyLog.add(line);
    this.#names.set(name, connection ?? this.#names.get(name));
    for (const gone of forgetOldest(this.#names, MOST_CONNECTIONS)) {
      for (const log of [this.keyLog, this.#ends.victim, this.#ends.site]) log.forget(gone);
    }
  }
}

function forgetOldest<Key>(map: Map<Key, unknown>, most: number): readonly Key[] {
  const gone = [...map.keys()].slice(0, Math.max(0, map.size - most));
  for (const key of gone) map.delete(key);
  return gone;
}
