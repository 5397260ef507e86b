import type { ConnectionId, Opener } from '#contract';

/** All that is known of how one connection's certificate fared: what the check is computed from, and held against. */
export interface CertificateCase {
  readonly connection: ConnectionId;
  readonly opener: Opener;
  /** The name that was asked for. */
  readonly host: string;
  /** DER, the site's own first; empty when none came, or when nobody told. */
  readonly chain: readonly Uint8Array[];
  /** Who said so; absent without a chain. */
  readonly chainFrom?: 'victim' | 'wire';
  /** Told by the victim, and the same certificates crossed the wire in clear, as they do up to TLS 1.2. */
  readonly isOnWire: boolean;
  /** DER of whom the victim trusts; undefined when it did not say. */
  readonly trusted: readonly Uint8Array[] | undefined;
  /** Milliseconds since 1970 when the connection was opened, by the clock of the capture. */
  readonly at: number;
  /** From the hellos on the wire. */
  readonly version?: number;
  /** The first alert in clear: `fatal: protocol version`. */
  readonly alert?: string;
  /** What the victim itself made of it. Of a client that does not say, absent. */
  readonly verdict?: VictimVerdict;
  /** What the site has counted on this connection: requests it answered, and how many of them were logins. */
  readonly requests: number;
  readonly logins: number;
}

export type VictimVerdict =
  | { readonly isSatisfied: true }
  | { readonly isSatisfied: false; readonly code: string; readonly message: string };
