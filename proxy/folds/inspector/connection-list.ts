import type { ConnectionId } from '#contract';
import type { Connections } from '../connections.ts';
import { place } from '../placement.ts';
import type { WireConnection } from '../wire-connection.ts';
import type { ConnectionRow } from './shapes.ts';

/** New and changed connections, and those that are known no more. */
export interface ConnectionChanges {
  readonly changed: readonly ConnectionRow[];
  readonly gone: readonly ConnectionId[];
}

interface Facts {
  readonly host: string;
  /** Whose bytes it counts among; `other` for what is neither HTTP nor TLS. */
  lane: ConnectionRow['lane'];
}

/** The connections to choose from, and what changed of them since somebody asked. */
export class ConnectionList {
  readonly #connections: Connections;
  readonly #facts = new Map<ConnectionId, Facts>();
  readonly #changed = new Set<WireConnection>();
  #gone: ConnectionId[] = [];
  readonly #perHost = new Map<string, number>();
  #hosts: readonly string[] | undefined;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  get hosts(): readonly string[] {
    return (this.#hosts ??= [...this.#perHost.keys()].sort());
  }

  facts(id: ConnectionId): Readonly<Facts> | undefined {
    return this.#facts.get(id);
  }

  /** Takes in a connection, new or changed; true when a known one turned out to belong to another lane. */
  note(connection: WireConnection): boolean {
    this.#changed.add(connection);
    const lane = this.#laneOf(connection);
    const known = this.#facts.get(connection.id);
    if (known) {
      const moved = known.lane !== lane;
      known.lane = lane;
      return moved;
    }
    const host = connection.opening.server.name;
    this.#facts.set(connection.id, { host, lane });
    this.#countHost(host, 1);
    return false;
  }

  forget(connection: WireConnection): void {
    const facts = this.#facts.get(connection.id);
    if (!facts) return;
    this.#facts.delete(connection.id);
    this.#changed.delete(connection);
    this.#gone.push(connection.id);
    this.#countHost(facts.host, -1);
  }

  takeChanges(): ConnectionChanges {
    const changed = [...this.#changed].map((connection) => this.#row(connection));
    const gone = this.#gone;
    this.#changed.clear();
    this.#gone = [];
    return { changed, gone };
  }

  #row(connection: WireConnection): ConnectionRow {
    const lane = this.#facts.get(connection.id)?.lane ?? 'other';
    return { ...connection.view(), lane, messages: connection.messages.length };
  }

  // The lane alone, whatever is parked: a connection that carries no login is looked for all the same.
  #laneOf(connection: WireConnection): ConnectionRow['lane'] {
    const tlsRoute = this.#connections.tlsRoute(connection);
    return (
      place(connection, { tlsRoute, hasBusySibling: () => false, hasBothLanes: () => false }).lane ?? 'other'
    );
  }

  #countHost(host: string, by: 1 | -1): void {
    const before = this.#perHost.get(host) ?? 0;
    if (before + by === 0) this.#perHost.delete(host);
    else this.#perHost.set(host, before + by);
    if (before === 0 || before + by === 0) this.#hosts = undefined;
  }
}
