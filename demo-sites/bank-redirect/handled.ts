import type { Server } from 'node:http';

/** What a bank has answered since the start or the last reset, by its own count. */
export interface Handled {
  readonly overHttp: number;
  readonly overHttps: number;
  /** Logins that were let in; there are none over HTTP. */
  readonly logins: number;
}

const LOGINS: ReadonlySet<string> = new Set(['/api/v1/login', '/api/v1/login-hashed']);

/** Counts what a bank's server over HTTPS answers. */
export class HandledOverHttps {
  #requests = 0;
  #logins = 0;
  #period = 0;

  /** From now on, and before anybody else listens. */
  count(server: Server): void {
    server.on('request', ({ method, url }, response) => {
      const period = this.#period;
      response.once('finish', () => {
        // Begun before a reset: it belongs to a count that is gone.
        if (period !== this.#period) return;
        this.#requests += 1;
        if (method === 'POST' && LOGINS.has(url ?? '') && response.statusCode === 200) this.#logins += 1;
      });
    });
  }

  get requests(): number {
    return this.#requests;
  }

  get logins(): number {
    return this.#logins;
  }

  reset(): void {
    this.#requests = 0;
    this.#logins = 0;
    this.#period += 1;
  }
}
