/** What crosses between the lab and the engine's process. */

/** One site of the lab as the engine knows it: the relay's public door to `name:port`, on 127.0.0.1. */
export interface EngineRoute {
  readonly name: string;
  readonly port: number;
  readonly listen: number;
}

export interface EngineLimits {
  readonly connections: number;
  readonly headerBytes: number;
  /** For a whole head, and for the first words in a tunnel. */
  readonly headerMilliseconds: number;
  /** Without a byte in either direction; long, since a teacher who steps may hold a record for minutes. */
  readonly idleMilliseconds: number;
}

export type RefusalReason =
  'not-in-table' | 'names-disagree' | 'not-for-a-proxy' | 'loop' | 'malformed' | 'too-slow';

/** A request that was turned away before anything was dialled for it. */
export interface Refusal {
  /** What the client was told; absent inside a tunnel that speaks TLS. */
  readonly status?: number;
  readonly reason: RefusalReason;
  /** The target that was asked for, then the name that did not agree with it; as sent, and cut. */
  readonly target: string;
  readonly name?: string;
}

export type ToEngine =
  | {
      readonly type: 'listen';
      readonly port: number;
      /** How many of the ports after it are tried while they are busy. */
      readonly moveOn: number;
      /** Passed over while moving on: the dashboard's. */
      readonly avoid: number;
      readonly limits: EngineLimits;
    }
  | { readonly type: 'route'; readonly routes: readonly EngineRoute[] };

export type FromEngine =
  | { readonly type: 'listening'; readonly port: number }
  /** The process ends by itself after it. */
  | { readonly type: 'no-port'; readonly code: string; readonly port: number }
  | { readonly type: 'refused'; readonly refusal: Refusal };
