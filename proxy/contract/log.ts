import type { AttackId } from './attacks.ts';
import type { Route } from './lab.ts';

export type Vantage = 'wire' | 'victim' | 'site';
export type Direction = 'client-to-server' | 'server-to-client';
export type Transport = 'tcp' | 'udp';
/**
 * Which stretch of the way was tapped: `cafe` is victim to relay, `onward` the stranger's own connection to the site
 * while it answers the victim itself, `resolver` is victim to the lab's DNS.
 */
export type Hop = 'cafe' | 'onward' | 'resolver';
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

/** From now on the stranger acts on what passes, whoever sends it. */
export interface AttackArmed extends OnWire {
  readonly type: 'attack-armed';
  readonly attack: AttackId;
}

/**
 * The stranger did something, and tells what: of bytes that it changed on the way, which they were (`before`, as
 * captured from `offset` on) and what went on in their place (`after`). Without an `offset`, `before` is what it read
 * inside TLS that it ended itself: plaintext that crossed no wire, and stands in no file without keys. Of `forge-name`
 * nothing went on in place of other bytes: `after` is the forged answer, which crossed first, and `before` the
 * resolver's own, which came unchanged, and too late.
 */
export interface AttackActed extends OnWire {
  readonly type: 'attack-acted';
  readonly attack: AttackId;
  readonly connection?: ConnectionId;
  readonly direction?: Direction;
  /** Position of the first byte of `before` in this direction of this connection. */
  readonly offset?: number;
  readonly before?: Uint8Array;
  readonly after?: Uint8Array;
}

/** From now on the stranger lets everything pass as it is. */
export interface AttackDisarmed extends OnWire {
  readonly type: 'attack-disarmed';
  readonly attack: AttackId;
}

/** Why the explicit proxy turned a request away; nothing was dialled for it. */
export type RefusalReason =
  'not-in-table' | 'names-disagree' | 'not-for-a-proxy' | 'loop' | 'malformed' | 'too-slow';

/** A client of the explicit proxy asked for what it does not lead to. Of a flood, not every one is told. */
export interface RequestRefused extends OnWire {
  readonly type: 'request-refused';
  readonly reason: RefusalReason;
  /** What the client was told; absent inside a tunnel that speaks TLS. */
  readonly status?: number;
  /** What was asked for, then the name that did not agree with it; as sent, and cut. */
  readonly target: string;
  readonly name?: string;
}

/** What the stranger does besides copying and holding: its own word on its own deeds. */
export type AttackEvent = AttackArmed | AttackActed | AttackDisarmed;

export interface SecretEntered extends Numbered {
  readonly type: 'secret-entered';
  readonly vantage: 'victim' | 'site';
  readonly kind: SecretKind;
  readonly value: string;
  /** Told by the site: what it received in place of the password is a hash, which its page has made of that. */
  readonly isHash?: true;
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

/**
 * The site's private key got out (PKCS #8, DER), the one that its certificate is about. What it opens depends on
 * what the site used it for.
 */
export interface PrivateKeyLeaked extends Numbered {
  readonly type: 'private-key-leaked';
  readonly vantage: 'site';
  /** The host whose certificate has the public half. */
  readonly host: string;
  readonly key: Uint8Array;
}

/** The private half of a client's key share, which a victim that plays with open cards tells of its own. */
export interface KeyShareTold extends Numbered {
  readonly type: 'key-share-told';
  readonly vantage: 'victim';
  readonly connection?: ConnectionId;
  /** NamedGroup (RFC 8446, 4.2.7); 29 is x25519. */
  readonly group: number;
  readonly privateKey: Uint8Array;
}

export type WireEvent =
  | EpochStarted
  | ConnectionOpened
  | BytesCaptured
  | BytesHeld
  | BytesReleased
  | ConnectionClosed
  | BytesEvicted
  | RequestRefused
  | AttackEvent;
export type ToldEvent =
  | SecretEntered
  | SecretsLogged
  | RequestHandled
  | HandshakeFailed
  | CertificateReceived
  | PrivateKeyLeaked
  | KeyShareTold;
export type LogEvent = WireEvent | ToldEvent;
export type EventType = LogEvent['type'];

export function isAttackEvent(event: LogEvent): event is AttackEvent {
  return event.type === 'attack-acted' || event.type === 'attack-armed' || event.type === 'attack-disarmed';
}

/** What was seen from the wire, and nothing else: the only events the stranger's folds accept. */
export function isWireEvent(event: LogEvent): event is WireEvent {
  return event.vantage === 'wire';
}
