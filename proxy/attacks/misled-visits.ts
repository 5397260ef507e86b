import type { ConnectionId } from '#contract';
import type { CaptureLog } from '../capture/log.ts';
import type { CopyWord } from './strangers-copy.ts';

/** What a copy of the site was told over one connection. */
export interface Misled {
  readonly requests: number;
  /** What was posted to its login; the newest of it. */
  readonly login?: string;
  /** Why the client has left in the middle of the handshake, in OpenSSL's words. */
  readonly left?: string;
}

/** A person comes with a few connections at a time. */
const mostConnections = 64;

/** What the copies were told, by the connection that it came over; of the newest. */
export class MisledVisits {
  readonly #log: CaptureLog;
  readonly #visits = new Map<ConnectionId, Misled>();

  constructor(log: CaptureLog) {
    this.#log = log;
  }

  hear(word: CopyWord): void {
    const connection = this.#log.connectionOfUpstreamPorts(word.ports);
    // Of a capture that is over.
    if (connection === undefined) return;
    const known = this.on(connection);
    this.#visits.delete(connection);
    const [oldest] = this.#visits.keys();
    if (this.#visits.size >= mostConnections && oldest !== undefined) this.#visits.delete(oldest);
    const login = word.type === 'asked' && word.login !== undefined ? { login: word.login } : {};
    this.#visits.set(
      connection,
      word.type === 'left'
        ? { ...known, left: word.reason }
        : { ...known, requests: known.requests + 1, ...login },
    );
  }

  on(connection: ConnectionId): Misled {
    return this.#visits.get(connection) ?? { requests: 0 };
  }

  forget(): void {
    this.#visits.clear();
  }
}
