import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { ConnectionId, Hop, Opener } from '#contract';
import type { CaptureLog } from '../capture/log.ts';
import { RelayedConnection } from './connection.ts';
import type { Detours } from './detours.ts';
import { passThrough, type Gate } from './gate.ts';
import { addressText, assertLoopback, type Target } from './loopback.ts';

/** What the victim calls `name:port` and where that site really listens. */
export interface RelayRoute {
  readonly name: string;
  readonly port: number;
  readonly tls: boolean;
  readonly address: Target;
  /** Which stretch of the way is tapped here; the victim's unless told. */
  readonly hop?: Hop;
}

/** The stranger in the middle: carries bytes between its own ports and the sites of its routes, no others. */
export interface Relay {
  /**
   * Opens a door to a route for one kind of visitor, on a free port of 127.0.0.1, and returns that port. Which
   * door a connection came through is how the log knows its opener. Rejects when the route's target is not
   * loopback or the relay is closed.
   */
  open(route: RelayRoute, opener: Opener): Promise<number>;
  /** Resets both ends of a connection; nothing happens when it is over. */
  drop(connection: ConnectionId): void;
  /** Resets all connections; resolves when they are closed and nothing more of them will enter the log. */
  dropConnections(): Promise<void>;
  /** Closes all doors and resets all connections. */
  close(): Promise<void>;
}

const listenAddress = '127.0.0.1';
const defaultMaxConnections = 512;

export interface RelayOptions {
  /** All doors together; a connection beyond it is reset at once and never dialled. */
  readonly maxConnections?: number;
  /** Decides which bytes go on, and when; all of them at once unless told. */
  readonly gate?: Gate;
  /** Where connections go that are not to reach their site. */
  readonly detours?: Detours;
}

export function createRelay(log: CaptureLog, options: RelayOptions = {}): Relay {
  const { gate = passThrough, detours } = options;
  const maxConnections = options.maxConnections ?? defaultMaxConnections;
  const doors = new Set<Server>();
  const connections = new Set<RelayedConnection>();
  let closing = false;
  /** How many visitors have come through any door, those that were turned away too. */
  let accepted = 0;

  function accept(client: Socket, route: RelayRoute, opener: Opener): void {
    accepted += 1;
    if (closing || connections.size >= maxConnections) {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const target = detours?.find(route, opener) ?? route.address;
    try {
      assertLoopback(target);
    } catch (error) {
      // A visitor is turned away; the others are carried on.
      process.emitWarning(String(error));
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const server = { name: route.name, port: route.port, address: addressText(target) };
    const { tls, hop = 'cafe' } = route;
    const connection = new RelayedConnection({ log, client, target, server, opener, hop, tls, gate });
    connections.add(connection);
    void connection.closed.then(() => connections.delete(connection));
  }

  async function open(route: RelayRoute, opener: Opener): Promise<number> {
    assertLoopback(route.address);
    if (closing) throw new Error('the relay is closed');
    const door = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => {
      accept(client, route, opener);
    });
    doors.add(door);
    await new Promise<void>((resolve, reject) => {
      door.once('error', reject);
      door.listen({ host: listenAddress, port: 0, backlog: maxConnections }, () => {
        door.off('error', reject);
        // A failed accept (no file descriptors left, say) concerns one visitor, not the relay.
        door.on('error', (error) => process.emitWarning(`the relay could not accept: ${error.message}`));
        resolve();
      });
    });
    return (door.address() as AddressInfo).port;
  }

  function drop(id: ConnectionId): void {
    for (const connection of connections) if (connection.id === id) connection.drop();
  }

  async function dropConnections(): Promise<void> {
    await untilAccepted();
    const all = [...connections];
    for (const connection of all) connection.drop();
    await Promise.all(all.map((connection) => connection.closed));
  }

  async function close(): Promise<void> {
    closing = true;
    const closed = [...doors].map((door) => new Promise((resolve) => door.close(resolve)));
    doors.clear();
    await dropConnections();
    await Promise.all(closed);
  }

  /**
   * Resolves when whoever has dialled by now has been accepted: the kernel takes connections while this process is at
   * something else, and each turn of its loop lets in one at each door. Of a crowd without end, no more are waited for than
   * can be connected at once.
   */
  async function untilAccepted(): Promise<void> {
    for (let rounds = 0, before = -1; before !== accepted && rounds < maxConnections; rounds += 1) {
      before = accepted;
      await nextTurn();
      // What was left of the turn before may have been past the doors.
      await nextTurn();
    }
  }

  return { open, drop, dropConnections, close };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
