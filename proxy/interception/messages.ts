import type { RequestRefused } from '#contract';
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

/** A request that was turned away before anything was dialled for it, as the log says it. */
export type Refusal = Pick<RequestRefused, 'reason' | 'status' | 'target' | 'name'>;

/** A site in whose name the stranger is to answer, on a port of its own. */
export interface ImpersonationPlan {
  readonly name: string;
  readonly port: number;
  /** Over HTTPS; over HTTP there is nothing to prove, and the stranger answers itself. */
  readonly secure?: {
    /** PEM, of a certificate in the site's name, made beforehand. */
    readonly key: string;
    readonly certificate: string;
    /** The relay's door for the stranger's own connections to the site. */
    readonly onward: number;
    /** PEM of the CA that vouches for the real site. */
    readonly authority: string;
  };
  /** Over HTTP where the site itself is over HTTPS alone: what would lead the victim there is taken out on the way. */
  readonly strip?: {
    /** The relay's door for the stranger's own connections to the site. */
    readonly onward: number;
    /** PEM of the CA that vouches for the real site. */
    readonly authority: string;
  };
  /**
   * What of the JSON body of a POST to this path goes on as something else: these members, where it has them. A body that
   * is longer than is held passes as it is.
   */
  readonly rewrite?: { readonly path: string; readonly members: Readonly<Record<string, string | number>> };
}

/** The relay's connection to the engine: the relay's own port, which others of its connections may have, and the engine's. */
export interface PortPair {
  readonly from: number;
  readonly to: number;
}

/** Something that was read inside TLS that the engine ended: plaintext, which crossed no wire like this. */
export interface Reading {
  readonly ports: PortPair;
  readonly direction: 'client-to-server' | 'server-to-client';
  /** Base64, and cut. */
  readonly bytes: string;
  /** What went on in its place; absent where it was only read. */
  readonly after?: string;
}

/** What is known of a connection where it ends at the engine. */
export type Sight =
  /** It ended before TLS was set up; with this code where whoever came has sent an alert. */
  | { readonly type: 'left'; readonly ports: PortPair; readonly code?: string }
  /** There is one onward for it, which the engine has opened from its own port `from`. */
  | { readonly type: 'went-on'; readonly ports: PortPair; readonly from: number };

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
  | { readonly type: 'route'; readonly routes: readonly EngineRoute[] }
  | {
      readonly type: 'impersonate';
      readonly id: number;
      readonly plan: ImpersonationPlan;
      readonly limits: EngineLimits;
    }
  /** Ends its connections too. */
  | { readonly type: 'stop-impersonating'; readonly id: number };

export type FromEngine =
  | { readonly type: 'listening'; readonly port: number }
  /** The process ends by itself after it. */
  | { readonly type: 'no-port'; readonly code: string; readonly port: number }
  | { readonly type: 'refused'; readonly refusal: Refusal }
  | { readonly type: 'impersonating'; readonly id: number; readonly port: number }
  /** It could not be begun, or it is over. */
  | { readonly type: 'stopped-impersonating'; readonly id: number }
  | { readonly type: 'read'; readonly id: number; readonly reading: Reading }
  | { readonly type: 'seen'; readonly id: number; readonly sight: Sight };
