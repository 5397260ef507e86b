import type { ConnectionId } from './log.ts';

export interface Persona {
  readonly name: string;
  readonly mobile: string;
  readonly password: string;
}

/** `GET /api/victim`: kept apart from the lab, which is printed at the start, since no password belongs in a terminal. */
export interface Victim {
  /** The only credentials that the site accepts. */
  readonly persona: Persona;
  readonly browser: BrowserStatus;
  /** The hosts it can log in at, the site itself first; absent where there is no lab. */
  readonly hosts?: readonly VictimHost[];
}

export interface VictimHost {
  readonly name: string;
  /** What is special about it, in one line. */
  readonly about: string;
  /** The victim gets in. */
  readonly isGood: boolean;
  /** It is there over HTTP too. */
  readonly hasHttp: boolean;
}

export interface BrowserStatus {
  /** Path of the browser that would be or was started; absent when none was found. */
  readonly path?: string;
  readonly running: boolean;
  /** How the lab's CA is trusted in it, or why it is not. */
  readonly note?: string;
}

export interface LoginRequest {
  readonly mobile: string;
  readonly password: string;
  readonly site: 'http' | 'https' | 'both';
  readonly host?: string;
  /** How the name is looked up: `dns` asks in clear (the default), `doh` over HTTPS (RFC 8484). */
  readonly resolve?: 'dns' | 'doh';
}

/** `POST /api/victim/chat`: a line said in the site's support chat, over `ws://`, over `wss://` or both. */
export interface ChatRequest {
  readonly text: string;
  readonly site: 'http' | 'https' | 'both';
}

export interface ChatResult {
  readonly ok: boolean;
  /** What the site answered. */
  readonly reply?: string;
  readonly error?: { readonly code: string; readonly message: string };
  readonly connection?: ConnectionId;
}

export interface ChatAnswer {
  readonly http?: ChatResult;
  readonly https?: ChatResult;
}

export interface LoginResult {
  readonly ok: boolean;
  readonly status?: number;
  readonly name?: string;
  readonly error?: { readonly code: string; readonly message: string };
  readonly connection?: ConnectionId;
  readonly requests: number;
}

export interface LoginAnswer {
  readonly http?: LoginResult;
  readonly https?: LoginResult;
}
