import type {
  BytesEvicted,
  CertificateReceived,
  ConnectionId,
  ConnectionOpened,
  Direction,
  EpochStarted,
  LogEvent,
  SecretEntered,
  SecretsLogged,
} from '#contract';

/** What an event costs beside its payload, in bytes: the object, the view of its bytes, its place in the list. */
export const eventOverheadBytes = 256;

// Of a person who keeps typing, the newest entries are the ones that searches use.
const secretsKept = 64;

/** A stretch that a sweep dropped: `[from, to)` of one direction of one connection. */
export interface DroppedRange {
  readonly connection: ConnectionId;
  readonly direction: Direction;
  readonly from: number;
  to: number;
}

/**
 * The events a log still holds: a gapless tail, and before it the few that survive every sweep because later
 * events make no sense without them (how the epoch began, connections not wholly gone and their keys, secrets
 * entered, the newest eviction of each direction).
 */
export class Retention {
  #epochStarted: EpochStarted | undefined;
  readonly #opened = new Map<ConnectionId, ConnectionOpened>();
  readonly #evicted = new Map<string, BytesEvicted>();
  readonly #evictedTo = new Map<string, number>();
  #secrets: SecretEntered[] = [];
  /** Key log lines and certificates: without them, what is still held of their connection could not be opened any more. */
  readonly #keys = new Map<ConnectionId, (SecretsLogged | CertificateReceived)[]>();
  /** All of the above by number, rebuilt by a sweep. */
  #survivors: readonly LogEvent[] = [];
  #tail: LogEvent[] = [];
  #completeFrom = 1;
  #bytes = 0;
  readonly #dropBytes: (bytes: Uint8Array) => void;

  /** `dropBytes` is told of the bytes of every event that is dropped by a sweep. */
  constructor(dropBytes: (bytes: Uint8Array) => void = () => undefined) {
    this.#dropBytes = dropBytes;
  }

  /** Payload and overhead of everything held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** From this number on, no event is missing. */
  get completeFrom(): number {
    return this.#completeFrom;
  }

  push(event: LogEvent): void {
    this.#tail.push(event);
    this.#bytes += eventBytes(event);
  }

  /**
   * The events after `seq`, in order; with `maxBytes` only as many as fit into it, but at least one where there
   * is one, so that a reader who asks again always gets on.
   */
  after(seq: number, maxBytes = Infinity): readonly LogEvent[] {
    const found: LogEvent[] = [];
    let bytes = 0;
    const take = (events: readonly LogEvent[], start: number): boolean => {
      for (let index = start; index < events.length; index += 1) {
        const event = events[index];
        if (event === undefined) break;
        bytes += eventBytes(event);
        if (bytes > maxBytes && found.length > 0) return false;
        found.push(event);
      }
      return true;
    };
    const complete =
      seq >= this.#completeFrom - 1 || take(this.#survivors, firstIndexAfter(this.#survivors, seq));
    if (complete) take(this.#tail, Math.max(0, seq + 1 - this.#completeFrom));
    return found;
  }

  /**
   * Drops the oldest events until what is held, and what it will cost to say so, is within `targetBytes`;
   * returns what was dropped of each direction, in the order of its first byte.
   */
  sweep(targetBytes: number): readonly DroppedRange[] {
    const ranges = new Map<string, DroppedRange>();
    let count = 0;
    for (const event of this.#tail) {
      if (this.#bytes + ranges.size * eventOverheadBytes <= targetBytes) break;
      this.#drop(event, ranges);
      count += 1;
    }
    this.#tail = this.#tail.slice(count);
    this.#completeFrom += count;
    this.#survivors = this.#survivorsInOrder();
    return [...ranges.values()];
  }

  /**
   * Holds these events, in order of their numbers, instead of whatever it held: those behind the last gap in the
   * numbers as the gapless tail, those before it as what survived.
   */
  load(events: readonly LogEvent[]): void {
    this.clear();
    let start = Math.max(0, events.length - 1);
    while (start > 0 && events[start - 1]?.seq === (events[start]?.seq ?? 0) - 1) start -= 1;
    this.#survivors = events.slice(0, start);
    this.#tail = events.slice(start);
    this.#completeFrom = this.#tail[0]?.seq ?? 1;
    for (const event of events) this.#bytes += eventBytes(event);
  }

  /** Drops everything; the next event pushed has number 1. */
  clear(): void {
    this.#epochStarted = undefined;
    this.#opened.clear();
    this.#evicted.clear();
    this.#evictedTo.clear();
    this.#secrets = [];
    this.#keys.clear();
    this.#survivors = [];
    this.#tail = [];
    this.#completeFrom = 1;
    this.#bytes = 0;
  }

  #drop(event: LogEvent, ranges: Map<string, DroppedRange>): void {
    switch (event.type) {
      case 'epoch-started':
        this.#epochStarted = event;
        return;
      case 'connection-opened':
        this.#opened.set(event.connection, event);
        return;
      case 'secret-entered':
        this.#secrets.push(event);
        if (this.#secrets.length > secretsKept) this.#release(this.#secrets.shift());
        return;
      case 'certificate-received':
      case 'secrets-logged': {
        const { connection } = event;
        if (connection === undefined || !this.#opened.has(connection)) break;
        const keys = this.#keys.get(connection);
        if (keys) keys.push(event);
        else this.#keys.set(connection, [event]);
        return;
      }
      case 'bytes-evicted': {
        if (!this.#opened.has(event.connection)) break;
        const key = directionKey(event.connection, event.direction);
        this.#release(this.#evicted.get(key));
        this.#evicted.set(key, event);
        return;
      }
      case 'bytes-captured':
        this.#noteDropped(event.connection, event.direction, event.offset + event.bytes.length, ranges);
        this.#dropBytes(event.bytes);
        break;
      case 'connection-closed':
        this.#forgetConnection(event.connection);
        break;
      case 'bytes-held':
      case 'bytes-released':
      case 'request-handled':
      case 'handshake-failed':
        break;
    }
    this.#release(event);
  }

  #noteDropped(
    connection: ConnectionId,
    direction: Direction,
    to: number,
    ranges: Map<string, DroppedRange>,
  ): void {
    const key = directionKey(connection, direction);
    const range = ranges.get(key);
    if (range === undefined) {
      ranges.set(key, { connection, direction, from: this.#evictedTo.get(key) ?? 0, to });
    } else {
      range.to = to;
    }
    this.#evictedTo.set(key, to);
  }

  // A connection's bytes come before its end: when the end is swept, nothing of it is left.
  #forgetConnection(connection: ConnectionId): void {
    this.#release(this.#opened.get(connection));
    this.#opened.delete(connection);
    for (const keys of this.#keys.get(connection) ?? []) this.#release(keys);
    this.#keys.delete(connection);
    for (const direction of ['client-to-server', 'server-to-client'] as const) {
      const key = directionKey(connection, direction);
      this.#release(this.#evicted.get(key));
      this.#evicted.delete(key);
      this.#evictedTo.delete(key);
    }
  }

  #release(event: LogEvent | undefined): void {
    if (event !== undefined) this.#bytes -= eventBytes(event);
  }

  #survivorsInOrder(): readonly LogEvent[] {
    const survivors: LogEvent[] = [
      ...this.#opened.values(),
      ...this.#secrets,
      ...[...this.#keys.values()].flat(),
      ...this.#evicted.values(),
    ];
    if (this.#epochStarted !== undefined) survivors.push(this.#epochStarted);
    return survivors.sort((left, right) => left.seq - right.seq);
  }
}

function directionKey(connection: ConnectionId, direction: Direction): string {
  return `${connection} ${direction}`;
}

/** What an event counts for against the bound. Texts count too: a path is as long as its sender likes. */
function eventBytes(event: LogEvent): number {
  switch (event.type) {
    case 'bytes-captured':
      return eventOverheadBytes + event.bytes.length;
    case 'secret-entered':
      return eventOverheadBytes + event.value.length;
    case 'secrets-logged':
      return eventOverheadBytes + event.line.length;
    case 'certificate-received':
      return (
        eventOverheadBytes + [...event.chain, ...event.trusted].reduce((sum, { length }) => sum + length, 0)
      );
    case 'request-handled':
      return eventOverheadBytes + event.path.length;
    case 'handshake-failed':
      return eventOverheadBytes + event.message.length;
    case 'epoch-started':
    case 'connection-opened':
    case 'connection-closed':
    case 'bytes-held':
    case 'bytes-released':
    case 'bytes-evicted':
      return eventOverheadBytes;
  }
}

function firstIndexAfter(events: readonly LogEvent[], seq: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((events[middle]?.seq ?? Infinity) > seq) high = middle;
    else low = middle + 1;
  }
  return low;
}
