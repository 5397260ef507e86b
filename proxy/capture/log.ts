import type { ConnectionId, LogEvent, Route } from '#contract';
import { PortJoin } from './port-join.ts';
import type { PortPair } from './port-pair.ts';
import { Retention } from './retention.ts';
import { Segments } from './segments.ts';

/** An event as it is handed to the log, which gives it its number and its time. */
export type Unnumbered = WithoutNumbers<LogEvent>;

// Distributes over the union: Omit on the whole would keep only what all events share.
type WithoutNumbers<Event> = Event extends LogEvent ? Omit<Event, 'epoch' | 'seq' | 'time'> : never;

const defaultLimitBytes = 64 * 1024 * 1024;

/**
 * The capture: an append-only list of events, numbered from 1 without gaps within an epoch and bounded in
 * bytes (payload plus a fixed cost an event). When the bound is passed the oldest eighth is dropped at once,
 * and `bytes-evicted` events say what is gone.
 */
export class CaptureLog {
  /** Where the relay stores the bytes of its `bytes-captured` events. */
  readonly segments = new Segments();
  readonly #limitBytes: number;
  readonly #retention = new Retention((bytes) => this.segments.release(bytes));
  readonly #clientPorts = new PortJoin();
  readonly #upstreamPorts = new PortJoin();
  readonly #listeners = new Map<() => void, { warned: boolean }>();
  #epoch = 0;
  #began = 0;
  #lastSeq = 0;
  #lastTime = 0;
  #lastConnection = 0;
  #isRecorded = false;

  constructor(options: { readonly limitBytes?: number } = {}) {
    this.#limitBytes = options.limitBytes ?? defaultLimitBytes;
  }

  /** Milliseconds since 1970 when the epoch began, strictly increasing; 0 before the first `begin`. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Number of the newest event, 0 when there is none. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** From this number on no event is missing; below it only those are left that later ones need. */
  get completeFrom(): number {
    return this.#retention.completeFrom;
  }

  /** Bytes held, as the bound counts them. */
  get bytes(): number {
    return this.#retention.bytes;
  }

  /** Whether the epoch is a recording, which nothing is appended to. */
  get isRecorded(): boolean {
    return this.#isRecorded;
  }

  /** Drops everything and starts a new epoch, whose number it returns; its first event is `epoch-started`. */
  begin(start: { readonly routes: readonly Route[] }): number {
    const wallClock = this.#startOver();
    this.append({
      type: 'epoch-started',
      vantage: 'wire',
      wallClock: new Date(wallClock).toISOString(),
      routes: start.routes,
      source: 'live',
    });
    return this.#epoch;
  }

  /**
   * Drops everything and shows a recording as a new epoch, whose number it returns: these events, from an
   * `epoch-started` on, under the numbers they have; gaps in those stand for what the recording lacks. Its bound is
   * that of the file it came from. Until `begin` is called, what is appended is passed over, so that nothing live
   * mixes with it.
   */
  beginRecorded(events: readonly LogEvent[]): number {
    this.#startOver();
    this.#isRecorded = true;
    const epoch = this.#epoch;
    this.#retention.load(events.map((event) => ({ ...event, epoch })));
    this.#lastSeq = events.at(-1)?.seq ?? 0;
    this.#lastTime = events.at(-1)?.time ?? 0;
    for (const event of events) {
      // A number that a recorded connection has must not be given to a live one.
      if (event.type === 'connection-opened')
        this.#lastConnection = Math.max(this.#lastConnection, event.connection);
    }
    this.#notify();
    return epoch;
  }

  /**
   * Numbers the event, keeps it, tells the listeners and returns it as kept; with the number 0 where a recording is
   * shown and it was not kept. Captured bytes must come from `segments.store`, each chunk for one event only.
   */
  append(event: Unnumbered): LogEvent {
    if (this.#isRecorded) return this.#passOver(event);
    const numbered = this.#number(event);
    if (numbered.type === 'connection-closed') {
      this.#clientPorts.connectionClosed(numbered.connection);
      this.#upstreamPorts.connectionClosed(numbered.connection);
    }
    this.#retention.push(numbered);
    if (this.#retention.bytes > this.#limitBytes) this.#evict();
    this.#notify();
    return numbered;
  }

  /**
   * The events after number `seq`, in order; with `maxBytes` the first of them that fit, but at least one
   * where there is one.
   */
  after(seq: number, maxBytes?: number): readonly LogEvent[] {
    const events = this.#retention.after(seq, maxBytes);
    for (const event of events) if (event.type === 'bytes-captured') this.segments.share(event.bytes);
    return events;
  }

  /** A number no connection of this epoch has had. */
  nextConnection(): ConnectionId {
    this.#lastConnection += 1;
    return this.#lastConnection;
  }

  /** The relay says which ports this connection has between the victim and the relay. Passed over where `append` is. */
  registerClientPorts(ports: PortPair, connection: ConnectionId): void {
    if (!this.#isRecorded) this.#clientPorts.register(ports, connection);
  }

  /** The same between the relay and the site. */
  registerUpstreamPorts(ports: PortPair, connection: ConnectionId): void {
    if (!this.#isRecorded) this.#upstreamPorts.register(ports, connection);
  }

  /** The connection that a victim has opened, by the ports of its socket. */
  connectionOfClientPorts(ports: PortPair | undefined): ConnectionId | undefined {
    return ports && this.#clientPorts.find(ports);
  }

  /** The connection by which a site was reached, by the ports that it sees on its socket. */
  connectionOfUpstreamPorts(ports: PortPair | undefined): ConnectionId | undefined {
    return ports && this.#upstreamPorts.find(ports);
  }

  /**
   * Calls `listener` after every event, until the function it returns is called. The listener runs inside the
   * relay's read, so it should only make a note; if it throws, the relay goes on and a warning is emitted.
   */
  subscribe(listener: () => void): () => void {
    this.#listeners.set(listener, { warned: false });
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Returns the wall clock in milliseconds. */
  #startOver(): number {
    const wallClock = Date.now();
    this.#retention.clear();
    this.segments.clear();
    this.#clientPorts.clear();
    this.#upstreamPorts.clear();
    this.#epoch = Math.max(wallClock, this.#epoch + 1);
    this.#began = performance.now();
    this.#lastSeq = 0;
    this.#lastTime = 0;
    this.#lastConnection = 0;
    this.#isRecorded = false;
    return wallClock;
  }

  #passOver(event: Unnumbered): LogEvent {
    if (event.type === 'bytes-captured') this.segments.release(event.bytes);
    return { epoch: this.#epoch, seq: 0, time: this.#lastTime, ...event };
  }

  #number(event: Unnumbered): LogEvent {
    const epoch = this.#epoch;
    this.#lastSeq += 1;
    const seq = this.#lastSeq;
    // The clock of performance.now may stand still between two readings, but never goes back.
    this.#lastTime = Math.max(this.#lastTime, Math.round((performance.now() - this.#began) * 1e6));
    const time = this.#lastTime;
    if (event.type !== 'bytes-captured') return { epoch, seq, time, ...event };
    // Written out because nearly all events are of this type, and a spread object takes more room and time.
    const { type, vantage, hop, connection, direction, offset, bytes } = event;
    return { epoch, seq, time, type, vantage, hop, connection, direction, offset, bytes };
  }

  #evict(): void {
    for (const range of this.#retention.sweep((this.#limitBytes / 8) * 7)) {
      this.#retention.push(this.#number({ type: 'bytes-evicted', vantage: 'wire', ...range }));
    }
  }

  #notify(): void {
    for (const [listener, state] of this.#listeners) {
      try {
        listener();
      } catch (error) {
        if (state.warned) continue;
        state.warned = true;
        process.emitWarning(`a listener of the capture log failed: ${String(error)}`);
      }
    }
  }
}
