/**
 * What crosses between the proxy, the dashboard and the scripts of others: every event of the log, every
 * message of the socket, every answer of the HTTP calls. Types only, so that every room can import it.
 */

export type Vantage = 'wire' | 'victim' | 'site';
export type Direction = 'client-to-server' | 'server-to-client';
export type Transport = 'tcp' | 'udp';
/** Which stretch of the way was tapped: `cafe` is victim to relay, `resolver` is victim to the lab's DNS. */
export type Hop = 'cafe' | 'resolver';
export type Opener = 'scripted-victim' | 'demo-browser' | 'stranger' | 'other';
export type CloseParty = 'client' | 'server' | 'relay';
export type CloseManner = 'end' | 'reset' | 'error';
export type SecretKind = 'mobile' | 'password';

/** A numbered TCP connection or UDP exchange; unique within an epoch, counted from 1. */
export type ConnectionId = number;

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** A site as the victim names it: `name:port` on the virtual network, reached at `address` on loopback. */
export interface ServerEndpoint extends Endpoint {
  readonly name: string;
}

interface Numbered {
  /** Milliseconds since 1970 when the capture began; strictly increasing from one capture to the next. */
  readonly epoch: number;
  /** Counted from 1 without gaps. */
  readonly seq: number;
  /** Nanoseconds since the epoch began, monotonic. */
  readonly time: number;
}

interface OnWire extends Numbered {
  readonly vantage: 'wire';
}

export interface EpochStarted extends OnWire {
  readonly type: 'epoch-started';
  /** ISO 8601, the wall clock at time 0. */
  readonly wallClock: string;
  readonly routes: readonly Route[];
  readonly source: 'live' | 'recorded';
}

export interface ConnectionOpened extends OnWire {
  readonly type: 'connection-opened';
  readonly hop: Hop;
  readonly connection: ConnectionId;
  readonly transport: Transport;
  readonly client: Endpoint;
  readonly server: ServerEndpoint;
  readonly opener: Opener;
}

export interface BytesCaptured extends OnWire {
  readonly type: 'bytes-captured';
  readonly hop: Hop;
  readonly connection: ConnectionId;
  readonly direction: Direction;
  /** Position of the first byte in this direction of this connection. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export interface ConnectionClosed extends OnWire {
  readonly type: 'connection-closed';
  readonly hop: Hop;
  readonly connection: ConnectionId;
  readonly by: CloseParty;
  readonly how: CloseManner;
  readonly error?: string;
}

/** The log dropped `[from, to)` of one direction to stay within its bound, and says so. */
export interface BytesEvicted extends OnWire {
  readonly type: 'bytes-evicted';
  readonly connection: ConnectionId;
  readonly direction: Direction;
  readonly from: number;
  readonly to: number;
}

interface Holding extends OnWire {
  readonly hop: Hop;
  readonly connection: ConnectionId;
  readonly direction: Direction;
  /** Position of the first of these bytes in this direction of this connection. */
  readonly offset: number;
  readonly length: number;
}

/** The stranger has read these bytes and keeps them back: they have not reached the other end. */
export interface BytesHeld extends Holding {
  readonly type: 'bytes-held';
}

/** The stranger has let these bytes go on, which it had held. */
export interface BytesReleased extends Holding {
  readonly type: 'bytes-released';
}

export interface SecretEntered extends Numbered {
  readonly type: 'secret-entered';
  readonly vantage: 'victim' | 'site';
  readonly kind: SecretKind;
  readonly value: string;
}

/** One line of a key log: what an end lends of its own keys, in SSLKEYLOGFILE form, without the line's end. */
export interface SecretsLogged extends Numbered {
  readonly type: 'secrets-logged';
  readonly vantage: 'victim' | 'site';
  readonly connection?: ConnectionId;
  readonly line: string;
}

export interface RequestHandled extends Numbered {
  readonly type: 'request-handled';
  readonly vantage: 'site';
  readonly connection?: ConnectionId;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** How many requests the site has handled since the epoch began, this one included. */
  readonly count: number;
}

export interface HandshakeFailed extends Numbered {
  readonly type: 'handshake-failed';
  readonly vantage: 'victim' | 'site';
  readonly connection?: ConnectionId;
  readonly code: string;
  readonly message: string;
}

/**
 * The chain that a site showed the victim, and whom the victim trusts: DER, the site's own certificate first. In
 * TLS 1.3 the wire has it sealed. `error` is the reason for which the victim left; without it, it was satisfied.
 */
export interface CertificateReceived extends Numbered {
  readonly type: 'certificate-received';
  readonly vantage: 'victim';
  readonly connection?: ConnectionId;
  /** The name that the victim asked for. */
  readonly host: string;
  readonly chain: readonly Uint8Array[];
  readonly trusted: readonly Uint8Array[];
  readonly error?: { readonly code: string; readonly message: string };
}

export type WireEvent =
  | EpochStarted
  | ConnectionOpened
  | BytesCaptured
  | BytesHeld
  | BytesReleased
  | ConnectionClosed
  | BytesEvicted;
export type ToldEvent =
  SecretEntered | SecretsLogged | RequestHandled | HandshakeFailed | CertificateReceived;
export type LogEvent = WireEvent | ToldEvent;
export type EventType = LogEvent['type'];

/** What was seen from the wire, and nothing else: the only events the stranger's folds accept. */
export function isWireEvent(event: LogEvent): event is WireEvent {
  return event.vantage === 'wire';
}

export interface Route {
  readonly name: string;
  /** The virtual port, the one the victim's address bar shows. */
  readonly port: number;
  readonly tls: boolean;
  /** Where the site really listens, `127.0.0.1:PORT`. */
  readonly address: string;
  /** The relay's loopback port for this route. */
  readonly listen: number;
}

export interface Persona {
  readonly name: string;
  readonly mobile: string;
  readonly password: string;
}

/** `GET /api/lab`, and the line that `--json` prints when the lab is ready. */
export interface Lab {
  readonly version: string;
  readonly epoch: number;
  /** The dashboard's origin, `http://127.0.0.1:PORT`; `/?token=TOKEN` lets a browser in. */
  readonly dashboard: string;
  readonly token: string;
  /** Path of the lab's CA certificate (PEM). */
  readonly ca: string;
  readonly routes: readonly Route[];
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

/** `POST /api/import` */
export interface ImportAnswer {
  readonly epoch: number;
  readonly connections: number;
  readonly messages: number;
  /** What was passed over in the file, and why. */
  readonly notes?: readonly string[];
}

/** `GET /api/connections/N/fingerprint`: what a ClientHello gives away about the program that sent it. */
export interface Fingerprint {
  readonly ja3: string;
  readonly ja4: string;
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

/** `step`: the relay holds what it reads, and lets one unit through at a time. */
export type SteppingMode = 'live' | 'step';
/** By the route: whether it ends in a TLS server. */
export type SteppingLane = 'http' | 'https';

/** `PUT /api/stepping`; without a lane, both. */
export interface SteppingRequest {
  readonly mode: SteppingMode;
  readonly lane?: SteppingLane;
}

/** `POST /api/stepping/next`: one unit of that lane; without a lane, one of each lane that steps. */
export interface NextRequest {
  readonly lane?: SteppingLane;
}

/** A unit that is held: a TLS record, an HTTP message, a WebSocket frame, else a chunk. */
export interface HeldUnit {
  readonly connection: ConnectionId;
  readonly direction: Direction;
  readonly lane: SteppingLane;
  /** Position of its first held byte in that direction. */
  readonly offset: number;
  /** How many of its bytes are held by now. */
  readonly bytes: number;
  /** Its end was seen; of any other, what is still to come goes on with it. */
  readonly complete: boolean;
  /** What it is, how large and which way it goes: `ClientHello, 512 B, victim → site`. */
  readonly unit: string;
}

/** Answer of both calls and of `GET /api/stepping`. */
export interface Stepping {
  /** `step` when any lane steps. */
  readonly mode: SteppingMode;
  readonly lanes: Readonly<Record<SteppingLane, SteppingMode>>;
  /** In the order in which they came, which is that of going on; the first hundred. */
  readonly held: readonly HeldUnit[];
}

export type FindingKind =
  'site' | 'page' | 'mobile' | 'password' | 'cookie' | 'token' | 'reply' | 'size' | 'time' | 'requests';

/** `read`: in plaintext on the wire. `leaks`: encryption does not hide it. `sealed`: there, but unreadable. */
export type FindingStatus = 'read' | 'leaks' | 'sealed';

export interface Finding {
  readonly kind: FindingKind;
  readonly status: FindingStatus;
  readonly value?: string;
  readonly connection: ConnectionId;
  readonly direction: Direction;
  /** Half-open range in that direction of that connection. */
  readonly start: number;
  readonly end: number;
}

export type NeedleEncoding = 'plain' | 'url' | 'base64' | 'hex';

export interface Verdict {
  /** What was searched for: the password most recently entered. Absent until one was. */
  readonly needle?: string;
  readonly searchedBytes: number;
  readonly encodings: readonly NeedleEncoding[];
  readonly found: number;
}

export interface LaneFindings {
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
}

/** `GET /api/findings` */
export interface Findings {
  readonly epoch: number;
  readonly lanes: { readonly http: LaneFindings; readonly https: LaneFindings };
}

export interface ApiError {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string };
}

/** One batch of the socket, encoded with MessagePack: events in order. */
export interface Batch {
  readonly epoch: number;
  /** Events below this number may be missing from the log, except those still sent: they were evicted. */
  readonly completeFrom: number;
  readonly events: readonly LogEvent[];
}

/** Messages of the socket, server to dashboard. */
export interface ServerToDashboard {
  batch: (batch: Uint8Array) => void;
  /** The demo browser started, ended or changed its trust. */
  browser: (status: BrowserStatus) => void;
  /** What steps and what is held has changed. */
  stepping: (stepping: Stepping) => void;
}

/** Messages of the socket, dashboard to server. */
export interface DashboardToServer {
  /** Send what comes after `after` in `epoch`; from the beginning when the epoch is another one by now. */
  follow: (position: { epoch: number; after: number }) => void;
  /** The viewer has taken in this many bytes of batches since it connected; keeps what is under way bounded. */
  progress: (bytes: number) => void;
}
