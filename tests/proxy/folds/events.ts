import type { Direction, Hop, LogEvent, Opener, Route, SecretKind, Transport } from '#contract';
import { CaptureFold } from '#folds/capture.ts';
import type { Vector } from '../../vectors/vector.ts';

export const MILLISECOND = 1e6;

export const ROUTES: readonly Route[] = [
  { name: 'piggypay.test', port: 80, tls: false, address: '127.0.0.1:1', listen: 2 },
  { name: 'piggypay.test', port: 443, tls: true, address: '127.0.0.1:3', listen: 4 },
];

interface Opening {
  readonly name?: string;
  readonly port?: number;
  readonly opener?: Opener;
  readonly transport?: Transport;
  readonly hop?: Hop;
  /** Where it really led; a server’s own address, without a port, tells nothing of that. */
  readonly address?: string;
}

/** Plays a capture into a fold; every event is a millisecond after the last. */
export class Playing {
  readonly fold = new CaptureFold();
  readonly events: LogEvent[] = [];
  #epoch = 1000;
  #seq = 0;
  #connections = 0;
  #offsets = new Map<string, number>();

  constructor() {
    this.start(this.#epoch);
  }

  get seq(): number {
    return this.#seq;
  }

  start(epoch: number): void {
    this.#epoch = epoch;
    this.#seq = 0;
    this.#offsets.clear();
    this.#apply({
      ...this.#wire(),
      type: 'epoch-started',
      wallClock: '2026-11-22T00:00:00Z',
      routes: ROUTES,
      source: 'live',
    });
  }

  open({
    name = 'piggypay.test',
    port = 80,
    opener = 'scripted-victim',
    transport = 'tcp',
    hop = transport === 'udp' ? 'resolver' : 'cafe',
    address = '127.0.0.1',
  }: Opening = {}): number {
    const connection = ++this.#connections;
    this.#apply({
      ...this.#wire(),
      type: 'connection-opened',
      hop,
      connection,
      transport,
      client: { address: '127.0.0.1', port: 50_000 + connection },
      server: { name, port, address },
      opener,
    });
    return connection;
  }

  send(connection: number, direction: Direction, what: Uint8Array | string, offset?: number): void {
    const bytes = typeof what === 'string' ? new TextEncoder().encode(what) : what;
    const key = `${connection} ${direction}`;
    const at = offset ?? this.#offsets.get(key) ?? 0;
    this.#offsets.set(key, at + bytes.length);
    this.#apply({
      ...this.#wire(),
      type: 'bytes-captured',
      hop: 'cafe',
      connection,
      direction,
      offset: at,
      bytes,
    });
  }

  close(connection: number): void {
    this.#apply({
      ...this.#wire(),
      type: 'connection-closed',
      hop: 'cafe',
      connection,
      by: 'client',
      how: 'end',
    });
  }

  evict(connection: number, direction: Direction, from: number, to: number): void {
    this.#apply({ ...this.#wire(), type: 'bytes-evicted', connection, direction, from, to });
  }

  secret(kind: SecretKind, value: string, vantage: 'victim' | 'site' = 'victim'): void {
    this.#apply({ ...this.#next(), vantage, type: 'secret-entered', kind, value });
  }

  handled(count: number): void {
    const request = { method: 'POST', path: '/', status: 200, count };
    this.#apply({ ...this.#next(), vantage: 'site', type: 'request-handled', ...request });
  }

  failed(code: string, connection?: number): void {
    const where = connection === undefined ? {} : { connection };
    const told = { vantage: 'victim', type: 'handshake-failed', code, message: 'no' } as const;
    this.#apply({ ...this.#next(), ...told, ...where });
  }

  /** A whole connection as a vector has it; `pieces` cuts it further. */
  vector(vector: Vector, opening: Opening & { pieces?: number; leaveOpen?: boolean } = {}): number {
    const connection = this.open(opening);
    const size = opening.pieces ?? Number.POSITIVE_INFINITY;
    for (const { direction, bytes } of vector.chunks) {
      for (let at = 0; at < bytes.length; at += size)
        this.send(connection, direction, bytes.subarray(at, at + size));
    }
    if (!opening.leaveOpen) this.close(connection);
    return connection;
  }

  #wire() {
    return { ...this.#next(), vantage: 'wire' as const };
  }

  #next() {
    const seq = ++this.#seq;
    return { epoch: this.#epoch, seq, time: seq * MILLISECOND };
  }

  #apply(event: LogEvent): void {
    this.events.push(event);
    this.fold.apply(event);
  }
}
