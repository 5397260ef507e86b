import type { ConnectionId } from '#contract';
import type { PortPair } from './port-pair.ts';

interface Entry {
  readonly key: number;
  readonly connection: ConnectionId;
  closedAt?: number;
}

// What an end tells about a request may arrive after the relay saw the connection close.
const graceMilliseconds = 2000;

/**
 * Which connection stands behind two port numbers. They stay known for two seconds after their connection closed;
 * then they may belong to somebody the relay never saw.
 */
export class PortJoin {
  readonly #byPorts = new Map<number, Entry>();
  readonly #byConnection = new Map<ConnectionId, Entry>();
  /** In the order in which they closed. */
  readonly #closed = new Set<Entry>();
  readonly #now: () => number;

  /** `now` in milliseconds, from any beginning. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  register(ports: PortPair, connection: ConnectionId): void {
    this.#forgetExpired();
    const entry: Entry = { key: keyOf(ports), connection };
    this.#byPorts.set(entry.key, entry);
    this.#byConnection.set(connection, entry);
  }

  connectionClosed(connection: ConnectionId): void {
    const entry = this.#byConnection.get(connection);
    if (entry === undefined) return;
    this.#byConnection.delete(connection);
    entry.closedAt = this.#now();
    this.#closed.add(entry);
  }

  find(ports: PortPair): ConnectionId | undefined {
    this.#forgetExpired();
    return this.#byPorts.get(keyOf(ports))?.connection;
  }

  clear(): void {
    this.#byPorts.clear();
    this.#byConnection.clear();
    this.#closed.clear();
  }

  #forgetExpired(): void {
    const expiry = this.#now() - graceMilliseconds;
    for (const entry of this.#closed) {
      if (entry.closedAt !== undefined && entry.closedAt > expiry) return;
      this.#closed.delete(entry);
      if (this.#byPorts.get(entry.key) === entry) this.#byPorts.delete(entry.key);
    }
  }
}

function keyOf({ from, to }: PortPair): number {
  return from * 65_536 + to;
}
