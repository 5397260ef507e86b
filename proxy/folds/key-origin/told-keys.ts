import type { ConnectionId, ToldEvent } from '#contract';
import { sameBytes } from '#keys/bytes.ts';
import { KeyLog } from '#keys/key-log.ts';
import { isOtherHalf, type PrivateKeyReading, readPrivateKey } from '#keys/rsa-private-key.ts';
import { certificateFacts } from '../certificate-check/certificate-facts.ts';
import type { Lender } from '../lent-told.ts';

interface ToldShare {
  readonly group: number;
  readonly privateKey: Uint8Array;
}

interface Leak {
  readonly der: Uint8Array;
  readonly reading: PrivateKeyReading;
}

/** A private key that got out at a host, held against the certificate that one connection with it showed. */
export interface LeakedKey {
  readonly key: Uint8Array;
  /** Hosts may have several certificates, each with a key of its own. */
  readonly fit: 'this-certificate' | 'another-certificate' | 'unknown';
}

// Longer than any lesson; a browser that keeps reloading would fill the memory otherwise.
const MOST_CONNECTIONS = 500;
const MOST_HOSTS = 100;
const MOST_KEYS = 8;
const LINE = /^(\S+)\s+([0-9a-f]{64})\s/i;

/** All keys that the ends have told: lines of their key logs, private halves of key shares, keys that got out. */
export class ToldKeys {
  readonly #ends: Readonly<Record<Lender, KeyLog>> = { victim: new KeyLog(), site: new KeyLog() };
  /** By client random, in the order in which they were first told: the first connection, where it is known. */
  readonly #names = new Map<string, ConnectionId | undefined>();
  readonly #shares = new Map<ConnectionId, ToldShare[]>();
  readonly #leaks = new Map<string, readonly Leak[]>();
  /** The site's own certificate as the victim received it, DER. */
  readonly #certificates = new Map<ConnectionId, Uint8Array>();
  #version = 0;

  /** Rises with everything that is told. */
  get version(): number {
    return this.#version;
  }

  apply(event: ToldEvent): void {
    if (event.type === 'secrets-logged') this.#addLine(event);
    else if (event.type === 'private-key-leaked') this.#addLeak(event);
    else if (event.type === 'certificate-received') this.#addCertificate(event);
    else if (event.type === 'key-share-told') this.#addShare(event);
    else return;
    this.#version += 1;
  }

  /** What one end told in its key log. */
  keyLog(lender: Lender): KeyLog {
    return this.#ends[lender];
  }

  /** The private halves that the victim told of this connection, the newest first. */
  privateHalves(connection: ConnectionId, group: number): readonly Uint8Array[] {
    const shares = this.#shares.get(connection) ?? [];
    return shares
      .filter((share) => share.group === group)
      .map(({ privateKey }) => privateKey)
      .reverse();
  }

  tellsPrivateHalf(connection: ConnectionId): boolean {
    return this.#shares.has(connection);
  }

  /**
   * The private key that got out at a host: the one of the certificate with this public key (SubjectPublicKeyInfo, DER)
   * where there is one, else the newest. Without a public key the certificate is the one that the victim told of this
   * connection.
   */
  leaked(host: string, connection: ConnectionId, publicKey?: Uint8Array): LeakedKey | undefined {
    const leaks = this.#leaks.get(host) ?? [];
    const newest = leaks.at(-1);
    if (!newest) return undefined;
    const told = this.#certificates.get(connection);
    const info = publicKey ?? (told && certificateFacts(told).key.info);
    const fits = leaks.map(({ reading }) => info && isOtherHalf(info, reading));
    const own = leaks[fits.lastIndexOf(true)];
    if (own) return { key: own.der, fit: 'this-certificate' };
    const isOther = fits.every((fit) => fit === false);
    return { key: newest.der, fit: isOther ? 'another-certificate' : 'unknown' };
  }

  /** The first connection, other than the one of this client random, whose master secret this end told as the same. */
  connectionWithMaster(lender: Lender, master: Uint8Array, clientRandom: string): ConnectionId | undefined {
    for (const [name, connection] of this.#names) {
      if (name === clientRandom) return undefined;
      const log = this.#ends[lender];
      const other = (connection === undefined ? log : log.of(connection)).secret('CLIENT_RANDOM', name);
      if (other?.length === master.length && other.every((byte, at) => byte === master[at]))
        return connection;
    }
    return undefined;
  }

  #addLine({ vantage, line, connection }: Extract<ToldEvent, { type: 'secrets-logged' }>): void {
    const name = LINE.exec(line)?.[2]?.toLowerCase();
    if (name === undefined) return;
    this.#ends[vantage].add(line, connection);
    this.#names.set(name, this.#names.get(name) ?? connection);
    for (const gone of forgetOldest(this.#names, MOST_CONNECTIONS)) {
      for (const log of [this.#ends.victim, this.#ends.site]) log.forget(gone);
    }
  }

  #addLeak({ host, key }: Extract<ToldEvent, { type: 'private-key-leaked' }>): void {
    const before = this.#leaks.get(host) ?? [];
    if (before.some(({ der }) => sameBytes(der, key))) return;
    this.#leaks.set(host, [...before, { der: key, reading: readPrivateKey(key) }].slice(-MOST_KEYS));
    forgetOldest(this.#leaks, MOST_HOSTS);
  }

  #addCertificate({ connection, chain }: Extract<ToldEvent, { type: 'certificate-received' }>): void {
    const [own] = chain;
    if (connection === undefined || !own) return;
    this.#certificates.set(connection, own);
    forgetOldest(this.#certificates, MOST_CONNECTIONS);
  }

  #addShare({ connection, group, privateKey }: Extract<ToldEvent, { type: 'key-share-told' }>): void {
    if (connection === undefined) return;
    const shares = this.#shares.get(connection) ?? [];
    this.#shares.set(connection, [...shares, { group, privateKey }].slice(-4));
    forgetOldest(this.#shares, MOST_CONNECTIONS);
  }
}

function forgetOldest<Key>(map: Map<Key, unknown>, most: number): readonly Key[] {
  const gone: Key[] = [];
  for (const key of map.keys()) {
    if (map.size <= most) break;
    map.delete(key);
    gone.push(key);
  }
  return gone;
}
