import { type ConnectionId, isAttackEvent, type Route, type WireEvent } from '#contract';
import { WireConnection } from './wire-connection.ts';
import type { WireMessage } from './wire-message.ts';

/** What an event changed. */
export interface Change {
  readonly connection: WireConnection;
  readonly messages: readonly WireMessage[];
  /** Messages of it that went with dropped bytes. */
  readonly dropped: readonly WireMessage[];
  /** Connections of which nothing is left: they are known no more, and this one may be among them. */
  readonly forgotten: readonly WireConnection[];
}

// Browsers open spare connections and close them unused; the log drops those without a word.
const MOST_UNUSED = 256;

// Sites differ by their ports alone: an address without one is that of all of them.
const WITH_PORT = /^(\[.*\]|[^:]+):\d+$/;

/** All connections of a capture, from wire events alone. */
export class Connections {
  readonly #connections = new Map<ConnectionId, WireConnection>();
  /** Closed without a byte, oldest first. */
  readonly #unused: WireConnection[] = [];
  #routes: readonly Route[] = [];
  #order = 0;

  readonly #nextOrder = (): number => this.#order++;

  get(id: ConnectionId): WireConnection | undefined {
    return this.#connections.get(id);
  }

  all(): Iterable<WireConnection> {
    return this.#connections.values();
  }

  /** Whether the route that the connection took ends in a TLS server; undefined for a route that is not known. */
  tlsRoute(connection: WireConnection): boolean | undefined {
    const { name, port } = connection.opening.server;
    return this.#routes.find((route) => route.name === name && route.port === port)?.tls;
  }

  /** Whether it led elsewhere than to the site of its name; false where routes or addresses do not tell. */
  isLedAway({ opening }: WireConnection): boolean {
    const { name, port, address } = opening.server;
    const own = this.#routes.filter((route) => route.name === name && route.port === port);
    return own.length > 0 && WITH_PORT.test(address) && own.every((route) => route.address !== address);
  }

  /** Whether the site of this connection is there over HTTP and over HTTPS, as far as routes are known. */
  hasBothLanes({ opening }: WireConnection): boolean {
    const own = this.#routes.filter(({ name }) => name === opening.server.name);
    return own.some(({ tls }) => tls) && own.some(({ tls }) => !tls);
  }

  apply(event: WireEvent): Change | undefined {
    if (event.type === 'epoch-started') {
      this.#routes = event.routes;
      return undefined;
    }
    if (event.type === 'connection-opened') {
      const known = this.#connections.get(event.connection);
      const connection = known ?? new WireConnection(event);
      this.#connections.set(event.connection, connection);
      return { connection, messages: [], dropped: [], forgotten: [] };
    }
    if (event.type === 'bytes-evicted') {
      const connection = this.#connections.get(event.connection);
      if (!connection) return undefined;
      const dropped = connection.evict(event);
      return { connection, messages: [], dropped, forgotten: this.#forgetGone(connection) };
    }
    // What the stranger makes of bytes behind the tap changes nothing of what was captured.
    if (isAttackEvent(event) || event.type === 'request-refused') return undefined;
    // Holding back changes neither bytes nor messages, only when they go on: that is another fold.
    if (event.type === 'bytes-held' || event.type === 'bytes-released') return undefined;
    const connection = this.#connections.get(event.connection) ?? this.#unannounced(event);
    const messages =
      event.type === 'bytes-captured'
        ? connection.capture(event, this.#nextOrder)
        : connection.close(event, this.#nextOrder);
    return { connection, messages, dropped: [], forgotten: this.#forgetGone(connection) };
  }

  #forgetGone(connection: WireConnection): readonly WireConnection[] {
    const forgotten: WireConnection[] = [];
    if (connection.isGone) forgotten.push(connection);
    else if (connection.closed && connection.bytes === 0) {
      if (!this.#unused.includes(connection)) this.#unused.push(connection);
      if (this.#unused.length > MOST_UNUSED) forgotten.push(...this.#unused.splice(0, 1));
    }
    for (const { id } of forgotten) this.#connections.delete(id);
    return forgotten;
  }

  /** The event that opened it is no longer in the log. */
  #unannounced(event: Extract<WireEvent, { type: 'bytes-captured' | 'connection-closed' }>): WireConnection {
    const server = { name: 'unknown', address: 'unknown', port: 0 };
    const { connection: id, hop, time } = event;
    const transport = hop === 'resolver' ? 'udp' : 'tcp';
    const connection = new WireConnection({ connection: id, hop, time, server, transport, opener: 'other' });
    this.#connections.set(id, connection);
    return connection;
  }
}
