import {
  type AttackActed,
  type ConnectionId,
  type Findings,
  type HandshakeFailed,
  type LaneFindings,
  isWireEvent,
  type LogEvent,
  type RequestHandled,
  type WireEvent,
} from '#contract';
import { dissectBytes } from '#dissectors/byte-reader.ts';
import type { Dissection } from '#dissectors/field.ts';
import { CertificateCases } from './certificate-check/certificate-cases.ts';
import { Connections } from './connections.ts';
import { explainFully, explainMessage } from './explain.ts';
import { KeyOrigins } from './key-origin/key-origins.ts';
import { Ladders } from './ladder/ladders.ts';
import type { ToldFailure } from './ladder/step.ts';
import { Lanes } from './lanes.ts';
import { LeakedKeys } from './leaked-key/leaked-key.ts';
import { Ledger } from './ledger/ledger.ts';
import { HttpNotebook } from './notebook.ts';
import { isCutOff, sealedFindings } from './sealed-notebook.ts';
import type { LaneName } from './traffic.ts';
import { Verdicts } from './verdicts.ts';
import { siteOf } from './site-lanes.ts';
import type { CaptureView, FailureView, LaneView, MessageView, StreamRange } from './view.ts';
import type { WireConnection } from './wire-connection.ts';
import type { WireMessage } from './wire-message.ts';

/** Bytes of a range: off the wire in one chunk, or put together from several. */
export interface CapturedBytes {
  readonly source: 'wire' | 'reassembled';
  readonly bytes: Uint8Array;
  /** Position of the first byte; later than asked for when the log has dropped the beginning. */
  readonly start: number;
}

const LOGIN_PATH = /\/login(-hashed)?$/;

// A page that keeps reloading against a bad certificate fails for ever.
const MOST_FAILURES = 100;

// More than the ladders that anybody looks at; an armed attack can act on whoever comes for days.
const MOST_FORGED = 1024;

/**
 * Everything that is shown of a capture, folded from its events one by one; a new epoch starts over, and so does
 * the beginning of the same one, sent again to a reader that missed events. What the
 * stranger is shown comes from wire events alone: the others reach the verdicts and the counters only.
 */
export class CaptureFold {
  #epoch = 0;
  #connections = new Connections();
  #lanes = new Lanes(this.#connections);
  #verdicts = new Verdicts();
  #notebook = new HttpNotebook();
  #certificates = new CertificateCases(this.#connections);
  #origins = new KeyOrigins(this.#connections);
  #leaks = new LeakedKeys(this.#connections);
  #ledger = new Ledger(this.#connections);
  #requestsHandled = 0;
  #handshakeFailures: readonly (ToldFailure & FailureView)[] = [];
  /** What the stranger told of look-ups that it answered in the resolver's place. */
  #forged: readonly AttackActed[] = [];
  #failedLogin: WireConnection | undefined;
  /** How the site answered the newest login on each connection, by its own word. */
  readonly #loginStatus = new Map<ConnectionId, number>();
  readonly #laneViews = new Map<LaneName, { readonly site: string | undefined; readonly view: LaneView }>();
  #view: CaptureView | undefined;

  apply(event: LogEvent): void {
    if (event.epoch !== this.#epoch || event.type === 'epoch-started') this.#startOver(event.epoch);
    this.#view = undefined;
    if (event.type === 'epoch-started') this.#certificates.begin(event);
    if (!isWireEvent(event)) this.#certificates.apply(event);
    if (!isWireEvent(event)) this.#origins.apply(event);
    if (!isWireEvent(event)) this.#leaks.apply(event);
    if (!isWireEvent(event)) this.#ledger.apply(event);
    if (isWireEvent(event)) this.#applyWire(event);
    else if (event.type === 'secret-entered') {
      this.#verdicts.enter(event, this.#tcpConnections(), (connection) => this.#lanes.laneOf(connection));
      this.#laneViews.clear();
    } else if (event.type === 'request-handled') this.#noteHandled(event);
    else if (event.type === 'handshake-failed') {
      this.#noteFailure(event);
    }
  }

  /** An immutable snapshot; a lane that did not change is the same object as before. */
  view(): CaptureView {
    return (this.#view ??= {
      epoch: this.#epoch,
      site: this.#lanes.sites.site,
      sites: this.#lanes.sites.sites(),
      lanes: { http: this.#lane('http'), https: this.#lane('https') },
      other: this.#lanes.other(),
      requestsHandled: this.#requestsHandled,
      handshakeFailures: this.#handshakeFailures,
      ...this.#newestFailed(),
    });
  }

  /** Shows this site in the lanes from now on; undefined that of the newest login. */
  showSite(site: string | undefined): void {
    this.#lanes.sites.choose(site);
    this.#view = undefined;
  }

  message(key: string): MessageView | undefined {
    const tracked = this.#find(key);
    return tracked?.view();
  }

  bytes(range: StreamRange): CapturedBytes {
    const slice = this.#connections.get(range.connection)?.slice(range);
    if (!slice) return { source: 'wire', bytes: new Uint8Array(0), start: range.start };
    return { source: slice.inOneChunk ? 'wire' : 'reassembled', bytes: slice.bytes, start: slice.start };
  }

  /** The field tree of a message, its first MiB at most. */
  dissect(message: MessageView): Dissection {
    const tracked = this.#find(message.key);
    if (tracked) return explainMessage(tracked);
    const { source, bytes } = this.bytes(message);
    return { source, bytes, field: dissectBytes(bytes, 'data', 'Bytes', () => undefined) };
  }

  /**
   * All that can be taken apart in a message: what was on the wire first, then what it completes or contains in
   * other bytes, put together or decoded.
   */
  dissectAll(message: MessageView): readonly Dissection[] {
    const tracked = this.#find(message.key);
    return tracked ? explainFully(tracked) : [this.dissect(message)];
  }

  /** Its connections as sequence diagrams, as they are by now. */
  get ladders(): Ladders {
    return new Ladders(this.#connections, this.#handshakeFailures, this.#forged);
  }

  /** The certificates of its TLS connections, with what the ends told of them, as they are by now. */
  get certificates(): CertificateCases {
    return this.#certificates;
  }

  /** Where the keys of its TLS connections come from, as far as that is known by now. */
  get origins(): KeyOrigins {
    return this.#origins;
  }

  /** The keys of its TLS connections, a row each, as they are by now. */
  get ledger(): Ledger {
    return this.#ledger;
  }

  /** What private keys that got out open of it, as it is by now. */
  get leaks(): LeakedKeys {
    return this.#leaks;
  }

  findings(): Findings {
    return { epoch: this.#epoch, lanes: { http: this.#found('http'), https: this.#found('https') } };
  }

  // Without a view of every message: a capture may hold a million, and the relay waits meanwhile.
  #found(name: LaneName): LaneFindings {
    const lane = this.#lanes.sites.shown(name);
    const findings = name === 'http' ? this.#notebook.findings(lane) : sealedFindings(lane);
    return { verdict: this.#verdicts.verdict('password', name, lane), findings };
  }

  #noteHandled({ connection, path, status, count }: RequestHandled): void {
    this.#requestsHandled = count;
    if (connection === undefined || !LOGIN_PATH.test(path)) return;
    this.#loginStatus.set(connection, status);
    this.#laneViews.clear();
  }

  #failureOf(id: ConnectionId | undefined): Pick<LaneView, 'failure'> {
    const connection = id === undefined ? undefined : this.#connections.get(id);
    if (!connection) return {};
    const status = this.#loginStatus.get(connection.id);
    if (status !== undefined && status >= 400)
      return { failure: { how: 'refused', connection: connection.id, status } };
    if (status === undefined && isCutOff(connection))
      return { failure: { how: 'cut-off', connection: connection.id } };
    return {};
  }

  #noteFailure({ connection: id, code, message, vantage, time }: HandshakeFailed): void {
    const connection = id === undefined ? undefined : this.#connections.get(id);
    const failure = {
      ...{ code, message, vantage, time },
      ...(id === undefined ? {} : { connection: id }),
      ...(connection ? { site: siteOf(connection) } : {}),
    };
    this.#handshakeFailures = [...this.#handshakeFailures, failure].slice(-MOST_FAILURES);
    // A browser opens connections that are no login; the scripted victim opens one to log in.
    if (vantage === 'victim' && connection?.opening.opener === 'scripted-victim')
      this.#failedLogin = connection;
  }

  /** The site of a failed login, for as long as no other login has followed it. */
  #newestFailed(): Pick<CaptureView, 'failedLogin'> {
    const failed = this.#failedLogin;
    if (!failed || failed.traffic.carriesRequest) return {};
    const followed = this.#lanes.sites.loginAt;
    const isNewest = followed === undefined || followed < failed.opening.time;
    return isNewest ? { failedLogin: siteOf(failed) } : {};
  }

  #applyWire(event: WireEvent): void {
    if (event.type === 'attack-acted' && event.attack === 'forge-name')
      this.#forged = [...this.#forged, event].slice(-MOST_FORGED);
    const change = this.#connections.apply(event);
    if (!change) return;
    const { connection, messages, dropped, forgotten } = change;
    this.#notebook.drop(dropped);
    for (const message of messages) if (this.#notebook.note(message)) this.#lanes.sites.noteLogin(connection);
    const lanes = new Map(forgotten.map((gone) => [gone, this.#lanes.laneOf(gone)]));
    for (const lane of this.#lanes.apply(change)) this.#laneViews.delete(lane);
    if (event.type === 'bytes-captured' && connection.opening.transport === 'tcp') {
      this.#verdicts.capture(event, connection, this.#lanes.laneOf(connection));
    }
    if (event.type === 'bytes-evicted') this.#verdicts.evict(event);
    for (const [gone, lane] of lanes) {
      this.#verdicts.forget(gone, lane);
      this.#loginStatus.delete(gone.id);
    }
  }

  #startOver(epoch: number): void {
    this.#epoch = epoch;
    this.#connections = new Connections();
    this.#lanes = new Lanes(this.#connections);
    this.#verdicts = new Verdicts();
    this.#notebook = new HttpNotebook();
    this.#certificates = new CertificateCases(this.#connections);
    this.#origins = new KeyOrigins(this.#connections);
    this.#leaks = new LeakedKeys(this.#connections);
    this.#ledger = new Ledger(this.#connections);
    this.#requestsHandled = 0;
    this.#handshakeFailures = [];
    this.#forged = [];
    this.#failedLogin = undefined;
    this.#loginStatus.clear();
    this.#laneViews.clear();
  }

  #lane(name: LaneName): LaneView {
    const { site } = this.#lanes.sites;
    const known = this.#laneViews.get(name);
    if (known && known.site === site) return known.view;
    const lane = this.#lanes.sites.shown(name);
    const { verdict: password, findings } = this.#found(name);
    const view: LaneView = {
      messages: lane.messages.map((message) => message.view()),
      connections: lane.shown.map((connection) => connection.view()),
      bytes: lane.bytes,
      evictedBytes: lane.evictedBytes,
      password,
      ...(this.#verdicts.isNewestPasswordHash ? { isPasswordHash: true } : {}),
      mobile: this.#verdicts.verdict('mobile', name, lane),
      hits: this.#verdicts.hits(this.#lanes.sites.members(name)),
      ...this.#failureOf(findings[0]?.connection),
      findings,
    };
    this.#laneViews.set(name, { site, view });
    return view;
  }

  #find(key: string): WireMessage | undefined {
    const connection = this.#connections.get(Number(key.slice(0, key.indexOf(':'))));
    return connection?.byKey(key);
  }

  *#tcpConnections() {
    for (const connection of this.#connections.all()) {
      if (connection.opening.transport === 'tcp') yield connection;
    }
  }
}
