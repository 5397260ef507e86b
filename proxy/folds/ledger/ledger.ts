import type { ConnectionId, ToldEvent } from '#contract';
import { cipherSuiteName, versionName } from '#dissectors/tls/names.ts';
import { isTls13 } from '#dissectors/tls/versions.ts';
import type { Connections } from '../connections.ts';
import type { WireConnection } from '../wire-connection.ts';
import type { LedgerRow, LedgerSecret, LedgerTickets } from './ledger-row.ts';
import { type OpenHandshake, openHandshake } from './open-handshake.ts';
import { SealedTickets } from './sealed-tickets.ts';
import { SharedSecrets } from './shared-secrets.ts';
import { ToldSecrets } from './told-secrets.ts';

/** What is kept of a connection between two looks at the ledger. */
interface Account {
  handshake: OpenHandshake;
  /** How far the connection was when it was read. */
  read: string;
  tickets: { readonly from: readonly unknown[]; readonly sealed: SealedTickets } | undefined;
  row: LedgerRow | undefined;
  stamp: string;
}

// Nobody reads more rows; a browser that reloads for ever would fill the screen otherwise.
const MOST_ROWS = 500;

/** The keys of a capture: a row for each TLS connection, from what crossed the wire and what its ends told. */
export class Ledger {
  readonly #connections: Connections;
  readonly #secrets = new ToldSecrets();
  readonly #shared = new SharedSecrets();
  readonly #requests = new Map<ConnectionId, number>();
  readonly #failures = new Map<ConnectionId, NonNullable<LedgerRow['failure']>>();
  readonly #accounts = new Map<WireConnection, Account>();

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  apply(event: ToldEvent): void {
    if (event.type === 'secrets-logged') this.#secrets.apply(event);
    else if (event.type === 'request-handled' && event.connection !== undefined) {
      keep(this.#requests, event.connection, (this.#requests.get(event.connection) ?? 0) + 1);
    } else if (event.type === 'handshake-failed' && event.connection !== undefined) {
      const first = this.#failures.get(event.connection) ?? { code: event.code, toldBy: event.vantage };
      keep(this.#failures, event.connection, first);
    }
  }

  /**
   * The newest 500 in the order of their opening; a row that did not change is the same object as before. `isLent`:
   * the keys that the ends told may open what is sealed, here only to count the tickets of TLS 1.3.
   */
  rows(isLent = false): readonly LedgerRow[] {
    const wires = this.#tls().slice(-MOST_ROWS);
    const kept = new Set(wires);
    for (const wire of this.#accounts.keys()) if (!kept.has(wire)) this.#accounts.delete(wire);
    const told = wires.map((wire) => [wire.id, this.#secrets.of(wire.id, this.#randomOf(wire))] as const);
    const secrets = this.#shared.among(new Map(told));
    return wires.map((wire) => this.#row(wire, secrets.get(wire.id) ?? [], isLent));
  }

  /** Connections whose bytes crossed in clear: no keys, nothing is protected. */
  withoutKeys(): number {
    let count = 0;
    for (const { opening, traffic } of this.#connections.all())
      if (opening.transport === 'tcp' && traffic.lane === 'http') count += 1;
    return count;
  }

  #tls(): readonly WireConnection[] {
    return [...this.#connections.all()].filter(
      ({ opening, traffic }) => opening.transport === 'tcp' && traffic.lane === 'https',
    );
  }

  /** The handshake is read again as long as it goes on. */
  #account(wire: WireConnection): Account {
    const known = this.#accounts.get(wire);
    const read = `${wire.messages.length} ${wire.bytes} ${wire.closed === undefined}`;
    if (known && (known.handshake.isSettled || known.read === read)) return known;
    const fresh = {
      handshake: openHandshake(wire),
      read,
      tickets: known?.tickets,
      row: undefined,
      stamp: '',
    };
    this.#accounts.set(wire, fresh);
    return fresh;
  }

  #randomOf(wire: WireConnection): string | undefined {
    return this.#secrets.randomOf(wire.id, this.#account(wire).handshake.clientRandom);
  }

  #row(wire: WireConnection, secrets: readonly LedgerSecret[], isLent: boolean): LedgerRow {
    const account = this.#account(wire);
    const tickets = this.#tickets(wire, account, isLent);
    const failure = this.#failures.get(wire.id);
    const requests = this.#requests.get(wire.id) ?? 0;
    const { bytes, closed, hasLostBytes } = wire;
    const stamp = JSON.stringify([bytes, closed?.seq, hasLostBytes, requests, failure, tickets]);
    if (account.row && account.stamp === stamp && account.row.secrets === secrets) return account.row;
    account.stamp = stamp;
    account.row = rowOf(wire, account.handshake, { requests, failure, tickets, secrets });
    return account.row;
  }

  #tickets(wire: WireConnection, account: Account, isLent: boolean): LedgerTickets {
    if (!isTls13(account.handshake.version)) return { source: 'captured', count: account.handshake.tickets };
    const random = this.#randomOf(wire);
    const from = this.#secrets.of(wire.id, random);
    if (!isLent || random === undefined || from.length === 0) return { source: 'sealed' };
    // A key that comes later opens nothing of what was pushed before it.
    if (account.tickets?.from !== from)
      account.tickets = { from, sealed: new SealedTickets(wire, this.#secrets.keyLog(wire.id, random)) };
    const count = account.tickets.sealed.count();
    return count === undefined ? { source: 'sealed' } : { source: 'decrypted with a lent key', count };
  }
}

type Gathered = Pick<LedgerRow, 'requests' | 'tickets' | 'secrets'> & { failure: LedgerRow['failure'] };

function rowOf(
  wire: WireConnection,
  handshake: OpenHandshake,
  { failure, ...gathered }: Gathered,
): LedgerRow {
  const { server, opener, time } = wire.opening;
  const { version, cipherSuite, group, retried, bytes } = handshake;
  const first = wire.messages[0]?.message;
  const { closed } = wire;
  const began = failure && handshake.began === 'under way' ? 'broken off' : handshake.began;
  return {
    ...{ connection: wire.id, host: server.name, port: server.port, opener, openedAt: time },
    ...(version === undefined ? {} : { version: versionName(version) }),
    ...(cipherSuite === undefined ? {} : { suite: cipherSuiteName(cipherSuite) }),
    ...(group === undefined ? {} : { group }),
    ...{ began, retried, handshakeBytes: bytes, ...gathered },
    ...(failure ? { failure } : {}),
    bytes: {
      'client-to-server': wire.store('client-to-server').end,
      'server-to-client': wire.store('server-to-client').end,
    },
    ...(closed ? { ended: endOf(closed) } : {}),
    ...(first
      ? { first: { connection: wire.id, direction: first.direction, start: first.start, end: first.end } }
      : {}),
  };
}

function endOf({
  time,
  by,
  how,
  error,
}: NonNullable<WireConnection['closed']>): NonNullable<LedgerRow['ended']> {
  return { at: time, by, how, ...(error === undefined ? {} : { error }) };
}

function keep<Value>(map: Map<ConnectionId, Value>, id: ConnectionId, value: Value): void {
  map.set(id, value);
  for (const oldest of map.keys()) {
    if (map.size <= MOST_ROWS) return;
    map.delete(oldest);
  }
}
