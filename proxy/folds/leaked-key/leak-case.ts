import type { ConnectionId, Opener } from '#contract';
import type { StreamRange } from '../view.ts';
import type { Exchange } from './handshake-facts.ts';

/** From the stolen key to the password, in this order for every connection. */
export type LeakStepId = 'key' | 'exchange' | 'pre-master' | 'master' | 'records' | 'login' | 'key-log';

/** `stops`: here the thief gets no further; `not-reached`: nor would this be possible. */
export type LeakState = 'done' | 'stops' | 'not-reached';

export interface LeakStep {
  readonly id: LeakStepId;
  readonly title: string;
  readonly state: LeakState;
  /** What came out, or why nothing did. */
  readonly says: string;
  /** How it is known. */
  readonly source?:
    | 'captured'
    | 'computed with the leaked key'
    | 'told by the victim'
    | 'told by the site'
    | 'leaked by the site';
  /** What it was held against, and how that is known. */
  readonly comparedWith?: {
    readonly what: string;
    readonly source: 'captured' | 'told by the victim';
  };
  readonly value?: Uint8Array;
  readonly places?: readonly StreamRange[];
  readonly rfc?: string;
}

/** A request that opened and has a password in it, as it was typed. */
export interface LeakedLogin {
  /** `POST /api/v1/login` */
  readonly title: string;
  readonly bytes: Uint8Array;
  /** What was typed, as it stands in it: password and mobile number. */
  readonly typed: readonly string[];
}

/** What a private key that got out makes of one connection that was recorded before. */
export interface LeakCase {
  readonly host: string;
  readonly connection: ConnectionId;
  readonly opener: Opener;
  /** Nanoseconds since the capture began. */
  readonly openedAt: number;
  /** `RSA, 2048 bits`, `EC` … */
  readonly key: string;
  /** `TLS 1.2` */
  readonly version: string;
  readonly suite: string;
  readonly exchange: Exchange;
  readonly steps: readonly LeakStep[];
  /** Encrypted records of both directions: those that opened, their tags verified, and those that did not. */
  readonly opened: number;
  readonly sealed: number;
  readonly login?: LeakedLogin;
  /** The master secret is the one that an end wrote into its key log; absent where none did, or there is none. */
  readonly agreesWithKeyLog?: boolean;
}
