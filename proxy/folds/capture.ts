import { type Findings, type LaneFindings, isWireEvent, type LogEvent, type WireEvent } from '#contract';
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
import { sealedFindings } from './sealed-notebook.ts';
import type { LaneName } from './traffic.ts';
import { Verdicts } from './verdicts.ts';
import type { CaptureView, LaneView, MessageView, StreamRange } from './view.ts';
import type { WireMessage } from './wire-message.ts';

/** Bytes of a range: off the wire in one chunk, or put together from several. */
export interface CapturedBytes {
  readonly source: 'wire' | 'reassembled';
  readonly bytes: Uint8Array;
  /** Position of the first byte; later than asked for when the log has dropped the beginning. */
  readonly start: number;
}

// A page that keeps reloading against a bad certificate fails for ever.
const MOST_FAILURES = 100;

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
  #handshakeFailures: readonly ToldFailure[] = [];
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
    } else if (event.type === 'request-handled') this.#requestsHandled = event.count;
    else if (event.type === 'handshake-failed') {
      const { connection, code, message, vantage, time } = event;
      const failure = { code, message, vantage, time, ...(connection === undefined ? {} : { connection }) };
      this.#handshakeFailures = [...this.#handshakeFailures, failure].slice(-MOST_FAILURES);
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
    return new Ladders(this.#connections, this.#handshakeFailures);
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

  #applyWire(event: WireEvent): void {
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
    for (const [gone, lane] of lanes) this.#verdicts.forget(gone, lane);
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
      mobile: this.#verdicts.verdict('mobile', name, lane),
      hits: this.#verdicts.hits(this.#lanes.sites.members(name)),
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
