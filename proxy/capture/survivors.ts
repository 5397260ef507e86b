import type {
  AttackArmed,
  AttackId,
  BytesEvicted,
  CertificateReceived,
  ConnectionId,
  ConnectionOpened,
  Direction,
  EpochStarted,
  KeyShareTold,
  LogEvent,
  PrivateKeyLeaked,
  SecretEntered,
  SecretsLogged,
} from '#contract';

/** A stretch that a sweep dropped: `[from, to)` of one direction of one connection. */
export interface DroppedRange {
  readonly connection: ConnectionId;
  readonly direction: Direction;
  readonly from: number;
  to: number;
}

/** What an end told of one connection that opens or explains what is still held of it. */
type ToldOfConnection = SecretsLogged | CertificateReceived | KeyShareTold;

// Of a person who keeps typing, the newest entries are the ones that searches use.
const secretsKept = 64;

/**
 * The few events that outlive every sweep because later ones make no sense without them: how the epoch began,
 * connections not wholly gone and their keys, secrets entered, private keys that got out, attacks that are still
 * armed, the newest eviction of each direction.
 */
export class Survivors {
  #epochStarted: EpochStarted | undefined;
  readonly #opened = new Map<ConnectionId, ConnectionOpened>();
  readonly #evicted = new Map<string, BytesEvicted>();
  readonly #evictedTo = new Map<string, number>();
  #secrets: SecretEntered[] = [];
  /** Without them, what is still held of their connection could not be opened any more. */
  readonly #keys = new Map<ConnectionId, ToldOfConnection[]>();
  /** By host, the newest: a site has one at a time. */
  readonly #leaked = new Map<string, PrivateKeyLeaked>();
  readonly #armed = new Map<AttackId, AttackArmed>();
  readonly #release: (event: LogEvent) => void;
  readonly #dropBytes: (bytes: Uint8Array) => void;

  /** `release` is told of every event that is gone for good, `dropBytes` of the bytes that were in it. */
  constructor(release: (event: LogEvent) => void, dropBytes: (bytes: Uint8Array) => void) {
    this.#release = release;
    this.#dropBytes = dropBytes;
  }

  inOrder(): readonly LogEvent[] {
    const survivors: LogEvent[] = [
      ...this.#opened.values(),
      ...this.#secrets,
      ...[...this.#keys.values()].flat(),
      ...this.#leaked.values(),
      ...this.#armed.values(),
      ...this.#evicted.values(),
    ];
    if (this.#epochStarted !== undefined) survivors.push(this.#epochStarted);
    return survivors.sort((left, right) => left.seq - right.seq);
  }

  clear(): void {
    this.#epochStarted = undefined;
    this.#opened.clear();
    this.#evicted.clear();
    this.#evictedTo.clear();
    this.#secrets = [];
    this.#keys.clear();
    this.#leaked.clear();
    this.#armed.clear();
  }

  /** A sweep has come to this event: it survives or is released. `ranges` gathers what bytes went. */
  sweep(event: LogEvent, ranges: Map<string, DroppedRange>): void {
    switch (event.type) {
      case 'epoch-started':
        this.#epochStarted = event;
        return;
      case 'connection-opened':
        this.#opened.set(event.connection, event);
        return;
      case 'secret-entered':
        this.#secrets.push(event);
        if (this.#secrets.length > secretsKept) this.#letGo(this.#secrets.shift());
        return;
      case 'private-key-leaked':
        this.#letGo(this.#leaked.get(event.host));
        this.#leaked.set(event.host, event);
        return;
      case 'attack-armed':
        this.#letGo(this.#armed.get(event.attack));
        this.#armed.set(event.attack, event);
        return;
      case 'attack-disarmed':
        this.#letGo(this.#armed.get(event.attack));
        this.#armed.delete(event.attack);
        break;
      case 'certificate-received':
      case 'key-share-told':
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
        this.#letGo(this.#evicted.get(key));
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
      case 'request-refused':
      case 'attack-acted':
        break;
    }
    this.#letGo(event);
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
    this.#letGo(this.#opened.get(connection));
    this.#opened.delete(connection);
    for (const keys of this.#keys.get(connection) ?? []) this.#letGo(keys);
    this.#keys.delete(connection);
    for (const direction of ['client-to-server', 'server-to-client'] as const) {
      const key = directionKey(connection, direction);
      this.#letGo(this.#evicted.get(key));
      this.#evicted.delete(key);
      this.#evictedTo.delete(key);
    }
  }

  #letGo(event: LogEvent | undefined): void {
    if (event !== undefined) this.#release(event);
  }
}

function directionKey(connection: ConnectionId, direction: Direction): string {
  return `${connection} ${direction}`;
}
