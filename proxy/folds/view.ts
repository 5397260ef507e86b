import type { MessageKind, MessageProtocol } from '#dissectors/message.ts';
import type {
  ConnectionId,
  Direction,
  Finding,
  Hop,
  Opener,
  ServerEndpoint,
  Transport,
  Verdict,
} from '#contract';

/** A stretch of one direction of one connection, half-open. */
export interface StreamRange {
  readonly connection: ConnectionId;
  readonly direction: Direction;
  readonly start: number;
  readonly end: number;
}

/**
 * One thing a stranger can tell apart on the wire: an HTTP message, a TLS record, or bytes of no known kind.
 * `end` grows while the message is still arriving (`complete: false`).
 */
export interface MessageView extends StreamRange {
  /** Stable for the life of the epoch: `connection:direction:start`. */
  readonly key: string;
  /** Nanoseconds since the epoch began, of the first byte. */
  readonly time: number;
  readonly protocol: MessageProtocol;
  readonly kind: MessageKind;
  /** `POST /api/v1/login`, `200 OK`, `ClientHello`, `Application Data` … */
  readonly title: string;
  /** What else is in clear: `application/json`, `asks for piggypay.test in clear` … */
  readonly detail?: string;
  /** Its content cannot be read from the wire. */
  readonly sealed: boolean;
  readonly complete: boolean;
}

export interface ConnectionView {
  readonly connection: ConnectionId;
  readonly opener: Opener;
  /** Which stretch of the way it is on. */
  readonly hop: Hop;
  readonly transport: Transport;
  readonly server: ServerEndpoint;
  /** Nanoseconds since the epoch began. */
  readonly openedAt: number;
  readonly closedAt?: number;
  readonly bytes: number;
}

export interface LaneView {
  /** By time; the traffic of the login only, the rest is parked under `other`. */
  readonly messages: readonly MessageView[];
  readonly connections: readonly ConnectionView[];
  /** All bytes captured on this lane's connections, parked ones included: what the verdicts searched. */
  readonly bytes: number;
  /** Of those, what the log has dropped since, messages and places of secrets with it. */
  readonly evictedBytes: number;
  readonly password: Verdict;
  /** The password that was searched for is a hash of what the victim typed: what a page sent in its place. */
  readonly isPasswordHash?: true;
  readonly mobile: Verdict;
  /**
   * Where entered secrets were found, whatever their encoding and the site: the newest places, as far as their bytes
   * are still held. The verdicts count all of them.
   */
  readonly hits: readonly Hit[];
  /** What came of the newest login, where it did not get in. */
  readonly failure?: LoginFailure;
  /** The stranger's notebook of the newest login, computed from wire events alone. */
  readonly findings: readonly Finding[];
}

/** `refused`: told by the site. `cut-off`: seen on the wire, ended by the server or on the way, without an answer. */
export type LoginFailure =
  | { readonly how: 'refused'; readonly connection: ConnectionId; readonly status: number }
  | { readonly how: 'cut-off'; readonly connection: ConnectionId };

export interface Hit extends StreamRange {
  readonly kind: 'mobile' | 'password';
}

export interface ParkedConnection extends ConnectionView {
  /** One sentence: why this is not shown as part of the login. */
  readonly reason: string;
  readonly messages: readonly MessageView[];
}

/** What an end told of a handshake that failed. */
export interface FailureView {
  readonly connection?: ConnectionId;
  /** Whom it was with; absent where the one who told could not say which connection it was. */
  readonly site?: string;
  readonly code: string;
  readonly message: string;
}

/** What the dashboard shows: a snapshot, immutable, cheap to compare by identity per lane. */
export interface CaptureView {
  readonly epoch: number;
  /** The one site whose traffic is in the lanes; undefined while there is none. */
  readonly site: string | undefined;
  /** All that could be there, `site` included; what goes to the others is under `other`. */
  readonly sites: readonly string[];
  readonly lanes: { readonly http: LaneView; readonly https: LaneView };
  readonly other: readonly ParkedConnection[];
  /** Messages parked out of otherwise shown connections (favicon …) are listed here too. */
  readonly requestsHandled: number;
  readonly handshakeFailures: readonly FailureView[];
  /** Where the victim's newest login went, if its handshake failed before a request was sent. */
  readonly failedLogin?: string;
}
