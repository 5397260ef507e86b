import type { CloseManner, CloseParty, ConnectionId, Direction, Opener } from '#contract';
import type { SecretLabel } from '#keys/key-log.ts';
import type { StreamRange } from '../view.ts';

/**
 * How a connection came to its keys. `PSK`: TLS 1.3 with an earlier secret alone, `PSK with (EC)DHE` with a fresh
 * exchange besides (RFC 8446, 2.2). TLS 1.2 takes up an earlier session by the ticket that the client brings
 * (RFC 5077) or by its ID in the site's memory (RFC 5246, 7.3).
 */
export type Beginning =
  | 'full'
  | 'PSK with (EC)DHE'
  | 'PSK'
  | 'resumed with a ticket'
  | 'resumed with a session ID'
  | 'under way'
  | 'broken off'
  | 'not seen';

/** One secret that an end told, by its mark. */
export interface LedgerSecret {
  readonly label: SecretLabel;
  /** The first eight hex digits of its SHA-256; never the secret. */
  readonly fingerprint: string;
  /** Who told it; two secrets of one label with one end each contradict each other. */
  readonly toldBy: readonly ('victim' | 'site')[];
  /** Other connections of the ledger with the same secret under the same label. */
  readonly sharedWith: readonly ConnectionId[];
}

/** Tickets that the site issued; `count` is absent where they are sealed. */
export type LedgerTickets =
  | { readonly source: 'captured' | 'decrypted with a lent key'; readonly count: number }
  | { readonly source: 'sealed' };

/** The connection's end: from then on nobody has a use for its traffic keys. */
export interface LedgerEnd {
  /** Nanoseconds since the epoch began. */
  readonly at: number;
  readonly by: CloseParty;
  readonly how: CloseManner;
  readonly error?: string;
}

/** One TLS connection and its keys. */
export interface LedgerRow {
  readonly connection: ConnectionId;
  readonly host: string;
  readonly port: number;
  readonly opener: Opener;
  /** Nanoseconds since the epoch began. */
  readonly openedAt: number;
  /** `TLS 1.3`; absent before the ServerHello. */
  readonly version?: string;
  readonly suite?: string;
  /** `x25519`; `finite field, 2048 bits`; absent where no public values were exchanged, or none were seen. */
  readonly group?: string;
  readonly began: Beginning;
  /** The site asked for another ClientHello (HelloRetryRequest). */
  readonly retried: boolean;
  /** What an end said when its handshake failed. */
  readonly failure?: { readonly code: string; readonly toldBy: 'victim' | 'site' };
  /** Bytes of the records up to both Finished; in TLS 1.3 by the place of the sealed ones. */
  readonly handshakeBytes: Readonly<Record<Direction, number>>;
  readonly bytes: Readonly<Record<Direction, number>>;
  /** Handled by the site, as it told. */
  readonly requests: number;
  readonly secrets: readonly LedgerSecret[];
  readonly tickets: LedgerTickets;
  /** Absent while it lasts. */
  readonly ended?: LedgerEnd;
  /** Its first message, where it is still held. */
  readonly first?: StreamRange;
}
