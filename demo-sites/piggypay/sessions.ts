import { createHmac, randomBytes } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import session from 'express-session';
import createMemoryStore from 'memorystore';

declare module 'express-session' {
  interface SessionData {
    mobile: string;
  }
}

const COOKIE = 'sid';
const COOKIE_OPTIONS = {
  path: '/',
  httpOnly: true,
  sameSite: 'lax',
  // A real site sets Secure. The twins must differ by their S alone, and over HTTP the browser would drop the cookie.
  secure: false,
} as const;
const LIFE_MS = 60 * 60 * 1000;
const MOST_SESSIONS = 1000;

const MemoryStore = createMemoryStore(session);

/**
 * The login sessions, in memory, shared by the HTTP and the HTTPS twin, as they are on a site that was given
 * its S later: the cookie of one is good at the other.
 */
export class Sessions {
  readonly middleware: RequestHandler;
  // The store's own timer would keep the process alive; without it sessions end when they are next asked for.
  readonly #store = new MemoryStore({ max: MOST_SESSIONS, ttl: LIFE_MS });

  constructor() {
    const secret = randomBytes(32).toString('hex');
    this.middleware = session({
      name: COOKIE,
      secret,
      cookie: COOKIE_OPTIONS,
      store: this.#store,
      genid: () => plainlySignedId(secret),
      resave: false,
      saveUninitialized: false,
      // Never taken from X-Forwarded-Proto: nothing stands before the site that it should believe.
      proxy: false,
    });
  }

  /** Begins a new session: an id that somebody planted before the login must not become a logged-in one. */
  begin(request: Request, mobile: string): Promise<void> {
    return new Promise((resolve, reject) => {
      request.session.regenerate((error: unknown) => {
        if (error) {
          reject(asError(error));
          return;
        }
        request.session.mobile = mobile;
        resolve();
      });
    });
  }

  end(request: Request): Promise<void> {
    return new Promise((resolve, reject) => {
      request.session.destroy((error: unknown) => {
        if (error) {
          reject(asError(error));
          return;
        }
        request.res?.clearCookie(COOKIE, COOKIE_OPTIONS);
        resolve();
      });
    });
  }

  /** Logs everybody out. */
  clear(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#store.clear((error: unknown) => (error ? reject(asError(error)) : resolve()));
    });
  }
}

/**
 * An id whose signature, in base64, has neither `+` nor `/`. They would be percent-encoded in the cookie and
 * make its length vary by chance, where lengths on the wire should depend on what was typed.
 */
function plainlySignedId(secret: string): string {
  for (;;) {
    const id = randomBytes(16).toString('hex');
    if (!/[+/]/.test(createHmac('sha256', secret).update(id).digest('base64'))) return id;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
