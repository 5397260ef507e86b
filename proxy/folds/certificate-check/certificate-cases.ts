import type { ConnectionId, EpochStarted, ToldEvent } from '#contract';
import { isTls13 } from '#dissectors/tls/versions.ts';
import type { Connections } from '../connections.ts';
import type { WireConnection } from '../wire-connection.ts';
import type { CertificateCase } from './certificate-case.ts';
import { areSame } from './chain-path.ts';
import { ToldCertificates } from './told-certificates.ts';
import { chainOnWire } from './wire-chain.ts';

/** A connection whose certificate can be looked at. */
export interface CertificateConnection {
  readonly connection: ConnectionId;
  readonly host: string;
  readonly opener: CertificateCase['opener'];
}

/** The certificates of a capture's TLS connections: what crossed in clear, and what the ends told besides. */
export class CertificateCases {
  readonly #connections: Connections;
  readonly #told = new ToldCertificates();
  #began = 0;
  #newest: CertificateCase | undefined;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  begin({ wallClock }: EpochStarted): void {
    this.#began = Date.parse(wallClock);
  }

  apply(event: ToldEvent): void {
    this.#told.apply(event);
  }

  /** In the order in which they were opened. */
  list(): readonly CertificateConnection[] {
    return [...this.#connections.all()]
      .filter((connection) => isTls(connection) || this.#told.of(connection.id)?.verdict !== undefined)
      .map(({ id, opening }) => ({
        connection: id,
        host: this.#told.of(id)?.received?.host ?? opening.server.name,
        opener: opening.opener,
      }));
  }

  /** The same object as before as long as nothing of it has changed. */
  of(id: ConnectionId): CertificateCase | undefined {
    const connection = this.#connections.get(id);
    if (!connection) return undefined;
    const fresh = this.#gather(id, connection);
    if (!this.#newest || !areAlike(this.#newest, fresh)) this.#newest = fresh;
    return this.#newest;
  }

  #gather(id: ConnectionId, connection: WireConnection): CertificateCase {
    const { opener, server, time } = connection.opening;
    const told = this.#told.of(id);
    const onWire = chainOnWire(connection);
    const chain = told?.received?.chain ?? onWire;
    const version = agreedVersion(connection);
    const { alert } = connection.traffic;
    return {
      connection: id,
      opener,
      host: told?.received?.host ?? server.name,
      chain,
      ...(chain.length === 0 ? {} : { chainFrom: told?.received ? ('victim' as const) : ('wire' as const) }),
      isOnWire: onWire.length > 0 && onWire.every((der, at) => areSame(der, chain[at] ?? new Uint8Array(0))),
      trusted: told?.received?.trusted ?? this.#told.trusted,
      at: this.#began + time / 1e6,
      ...(version === undefined ? {} : { version }),
      ...(alert === undefined ? {} : { alert }),
      ...(told?.verdict ? { verdict: told.verdict } : {}),
      requests: told?.requests ?? 0,
      logins: told?.logins ?? 0,
    };
  }
}

function areAlike(one: CertificateCase, other: CertificateCase): boolean {
  return (
    JSON.stringify({ ...one, chain: [], trusted: [] }) ===
      JSON.stringify({ ...other, chain: [], trusted: [] }) &&
    haveSame(one.chain, other.chain) &&
    haveSame(one.trusted ?? [], other.trusted ?? [])
  );
}

function haveSame(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  return (
    some.length === others.length && some.every((each, at) => areSame(each, others[at] ?? new Uint8Array(0)))
  );
}

function isTls(connection: WireConnection): boolean {
  return connection.traffic.lane === 'https';
}

/** The version that the site's hello settled. */
function agreedVersion({ messages }: WireConnection): number | undefined {
  const fromSite = messages.filter(({ message }) => message.direction === 'server-to-client');
  const versions = fromSite.flatMap(({ message }) => message.tls?.version ?? []);
  return versions.find((version) => isTls13(version)) ?? versions[0];
}
