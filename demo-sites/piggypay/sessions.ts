import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Request, RequestHandler } from 'express';
import session from 'express-session';
import createMemoryStore from 'memorystore';

declare module 'express-session' {
  interface SessionData {
    mobile: string;
    /** What the session is called where everybody may see it. Its id is nobody's business. */
    publicName: string;
  }
}

/** What a browser is told of the session's cookie. `HttpOnly`: no script reads it. `SameSite`: no other site's form sends it. */
const COOKIE_OPTIONS = { path: '/', httpOnly: true, sameSite: 'lax' } as const;
/**
 * Over HTTPS also `Secure`, so that it never crosses in clear; over HTTP browsers would drop such a cookie. And they
 * let no answer over HTTP replace a Secure cookie of the same name (RFC 6265bis, 5.7): under one name whoever had
 * logged in over HTTPS could not log in over HTTP any more.
 */
const COOKIES = {
  http: { name: 'sid', options: { ...COOKIE_OPTIONS, secure: false } },
  https: { name: 'secure-sid', options: { ...COOKIE_OPTIONS, secure: true } },
} as const;
const LIFE_MS = 60 * 60 * 1000;
const MOST_SESSIONS = 1000;
const LONGEST_USER_AGENT = 120;

const MemoryStore = createMemoryStore(session);

/** Told whenever a client has shown that it has a session, by the session's public name. */
export type NoteUse = (session: string, client: string) => void;

/** The login sessions of both twins, in memory. The cookie of one is worth nothing at the other, under its own name or the other's. */
export class Sessions {
  readonly #noteUse: NoteUse;
  // One each: express-session writes into its store how the cookies of new sessions are made.
  readonly #stores = { http: newStore(), https: newStore() };
  readonly #readers = { http: this.#reader('http'), https: this.#reader('https') };

  constructor(noteUse: NoteUse) {
    this.#noteUse = noteUse;
  }

  readonly middleware: RequestHandler = (request, response, next) => {
    this.#readers[twinOf(request)](request, response, (error?: unknown) => {
      // Where an error is passed on there may be no session.
      const name = error === undefined ? request.session.publicName : undefined;
      if (name !== undefined) this.noteUse(name, request);
      next(error);
    });
  };

  /**
   * Begins a new session and answers its public name: an id that somebody planted before the login must not become
   * a logged-in one.
   */
  begin(request: Request, mobile: string): Promise<string> {
    return new Promise((resolve, reject) => {
      request.session.regenerate((error: unknown) => {
        if (error) {
          reject(asError(error));
          return;
        }
        const name = randomBytes(3).toString('hex');
        request.session.mobile = mobile;
        request.session.publicName = name;
        this.noteUse(name, request);
        resolve(name);
      });
    });
  }

  /** Notes who has used a session; for those who have shown something else than its cookie. */
  noteUse(name: string, request: IncomingMessage): void {
    // Who was shown the door by a reset belongs to books that are closed.
    if (!request.socket.destroyed) this.#noteUse(name, clientOf(request));
  }

  end(request: Request): Promise<void> {
    return new Promise((resolve, reject) => {
      request.session.destroy((error: unknown) => {
        if (error) {
          reject(asError(error));
          return;
        }
        const { name, options } = COOKIES[twinOf(request)];
        request.res?.clearCookie(name, options);
        resolve();
      });
    });
  }

  /** Logs everybody out. */
  async clear(): Promise<void> {
    const cleared = Object.values(this.#stores).map(
      (store) =>
        new Promise<void>((resolve, reject) => {
          store.clear((error: unknown) => (error ? reject(asError(error)) : resolve()));
        }),
    );
    await Promise.all(cleared);
  }

  #reader(twin: Twin): RequestHandler {
    const secret = randomBytes(32).toString('hex');
    return session({
      name: COOKIES[twin].name,
      secret,
      cookie: COOKIES[twin].options,
      store: this.#stores[twin],
      genid: () => plainlySignedId(secret),
      resave: false,
      saveUninitialized: false,
      // Never taken from X-Forwarded-Proto: nothing stands before the site that it should believe.
      proxy: false,
    });
  }
}

type Twin = keyof typeof COOKIES;

function newStore() {
  // The store's own timer would keep the process alive; without it sessions end when they are next asked for.
  return new MemoryStore({ max: MOST_SESSIONS, ttl: LIFE_MS });
}

function twinOf({ socket }: IncomingMessage): Twin {
  return (socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http';
}

/** Whatever it says of itself: a client that copies another's User-Agent is not told apart from it. */
function clientOf(request: IncomingMessage): string {
  const { 'user-agent': agent = '' } = request.headers;
  return `${agent.slice(0, LONGEST_USER_AGENT) || 'no User-Agent'} over ${twinOf(request).toUpperCase()}`;
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
