import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { parseCookie } from 'cookie';

export interface Refusal {
  readonly status: 401 | 403;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

const foreignHost: Refusal = {
  status: 403,
  code: 'foreign-host',
  message: 'This lab answers only to its own address.',
  hint: 'Open the address that the lab printed when it started.',
};

const foreignOrigin: Refusal = {
  status: 403,
  code: 'foreign-origin',
  message: 'This request does not come from the dashboard.',
  hint: 'Use the dashboard itself, or send the token as "Authorization: Bearer TOKEN" without an Origin.',
};

const noToken: Refusal = {
  status: 401,
  code: 'no-token',
  message: 'The token is missing or wrong.',
  hint: 'Open the address that the lab printed when it started: it holds the token.',
};

/**
 * Who may talk to the dashboard's server. A page from anywhere can send requests to loopback, so each one must
 * name our host, and show either the token (scripts) or the cookie together with our exact origin (the dashboard).
 */
export class Access {
  readonly token = randomBytes(24).toString('base64url');
  readonly #hosts: readonly string[];
  readonly #cookieName: string;

  constructor(port: number) {
    this.#hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
    // Cookies cross ports: two labs at once would overwrite each other's.
    this.#cookieName = `plainsight-${port}`;
  }

  /** Undefined when the request may pass. `changes` marks writes and upgrades, for which a cookie alone is not enough. */
  refusal(request: IncomingMessage, changes: boolean): Refusal | undefined {
    const { host, origin, authorization, cookie } = request.headers;
    if (host === undefined || !this.#hosts.includes(host)) return foreignHost;
    if (origin !== undefined && origin !== `http://${host}`) return foreignOrigin;
    if (authorization !== undefined) {
      return this.isToken(/^Bearer ([\w-]+)$/.exec(authorization)?.[1]) ? undefined : noToken;
    }
    if (!this.isToken(parseCookie(cookie ?? '')[this.#cookieName])) return noToken;
    return changes && origin === undefined ? foreignOrigin : undefined;
  }

  isToken(candidate: unknown): boolean {
    if (typeof candidate !== 'string') return false;
    const given = Buffer.from(candidate);
    const expected = Buffer.from(this.token);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  /** The `Set-Cookie` value that lets a browser in from then on. */
  get setCookie(): string {
    return `${this.#cookieName}=${this.token}; Path=/; HttpOnly; SameSite=Strict`;
  }
}
