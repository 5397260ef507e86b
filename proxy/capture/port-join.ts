import type { ConnectionId } from '#contract';

interface Entry {
  readonly port: number;
  readonly connection: ConnectionId;
  closedAt?: number;
}

// What an end tells about a request may arrive after the relay saw the connection close.
const graceMilliseconds = 2000;

/**
 * Which connection stands behind an ephemeral port number. A port stays known for two seconds after its
 * connection closed; then it may belong to somebody the relay never saw.
 */
export class PortJoin {
  readonly #byPort = new Map<number, Entry>();
  readonly #byConnection = new Map<ConnectionId, Entry>();
  /** In the order in which they closed. */
  readonly #closed = new Set<Entry>();
  readonly #now: () => number;

  /** `now` in milliseconds, from any beginning. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  register(port: number, connection: ConnectionId): void {
    this.#forgetExpired();
    const entry: Entry = { port, connection };
    this.#byPort.set(port, entry);
    this.#byConnection.set(connection, entry);
  }

  connectionClosed(connection: ConnectionId): void {
    const entry = this.#byConnection.get(connection);
    if (entry === undefined) return;
    this.#byConnection.delete(connection);
    entry.closedAt = this.#now();
    this.#closed.add(entry);
  }

  find(port: number): ConnectionId | undefined {
    this.#forgetExpired();
    return this.#byPort.get(port)?.connection;
  }

  clear(): void {
    this.#byPort.clear();
    this.#byConnection.clear();
    this.#closed.clear();
  }

  #forgetExpired(): void {
    const expiry = this.#now() - graceMilliseconds;
    for (const entry of this.#closed) {
      if (entry.closedAt !== undefined && entry.closedAt > expiry) return;
      this.#closed.delete(entry);
      if (this.#byPort.get(entry.port) === entry) this.#byPort.delete(entry.port);
    }
  }
}
