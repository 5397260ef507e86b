import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { BytesCaptured, ConnectionClosed, ConnectionOpened, Direction, LogEvent } from '#contract';
import { CaptureLog } from '../../../proxy/capture/log.ts';
import type { Gate } from '../../../proxy/relay/gate.ts';
import { createRelay, type Relay } from '../../../proxy/relay/relay.ts';

export interface Harness {
  readonly log: CaptureLog;
  readonly relay: Relay;
  readonly reader: LogReader;
  readonly site: Server;
  readonly sitePort: number;
  /** The relay's port for the site. */
  readonly door: number;
  /** A client connection, errors swallowed (tests wait for them with `once`). */
  readonly dial: () => Socket;
  /** The next connection that the site accepts. */
  readonly accepted: () => Promise<Socket>;
  readonly close: () => Promise<void>;
}

interface HarnessOptions {
  readonly limitBytes?: number;
  readonly maxConnections?: number;
  /** What holds bytes on the way; made for this log. */
  readonly gate?: (log: CaptureLog) => Gate;
  /** Nobody follows the log: `reader` stays empty. */
  readonly unread?: boolean;
}

/** A site, a relay and a log over real sockets; `onConnection` is the site's side. */
export async function startHarness(
  onConnection: (socket: Socket) => void = () => undefined,
  options: HarnessOptions = {},
): Promise<Harness> {
  const log = new CaptureLog(options);
  log.begin({ routes: [] });
  const reader = new LogReader(options.unread ? new CaptureLog() : log);
  const { maxConnections, gate } = options;
  const relay = createRelay(log, {
    ...(maxConnections === undefined ? {} : { maxConnections }),
    ...(gate && { gate: gate(log) }),
  });
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    return socket;
  };
  const site = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => onConnection(keep(socket)));
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  const sitePort = (site.address() as AddressInfo).port;
  const door = await relay.open(
    { name: 'piggypay.test', port: 80, tls: false, address: { host: '127.0.0.1', port: sitePort } },
    'other',
  );
  return {
    log,
    relay,
    reader,
    site,
    sitePort,
    door,
    dial: () => keep(connect({ host: '127.0.0.1', port: door, allowHalfOpen: true, noDelay: true })),
    accepted: async () => ((await once(site, 'connection')) as [Socket])[0],
    close: async () => {
      await relay.close();
      for (const socket of sockets) socket.destroy();
      if (site.listening) {
        const closed = once(site, 'close');
        site.close();
        await closed;
      }
    },
  };
}

/** Follows a log as a viewer does, keeping hashes in place of bytes, and checks the numbering on the way. */
export class LogReader {
  readonly opened: ConnectionOpened[] = [];
  readonly closed: ConnectionClosed[] = [];
  readonly #log: CaptureLog;
  readonly #streams = new Map<string, Digest>();
  #seq = 0;

  constructor(log: CaptureLog) {
    this.#log = log;
    this.#read();
    log.subscribe(() => this.#read());
  }

  /** What the log has of one direction of a connection so far. */
  stream(connection: number, direction: Direction): Digest {
    const key = `${connection} ${direction}`;
    const digest = this.#streams.get(key) ?? new Digest();
    this.#streams.set(key, digest);
    return digest;
  }

  /** Resolves when the log says that so many connections have closed. */
  async closedConnections(count: number): Promise<readonly ConnectionClosed[]> {
    if (this.closed.length < count) {
      await new Promise<void>((resolve) => {
        const stop = this.#log.subscribe(() => {
          if (this.closed.length < count) return;
          stop();
          resolve();
        });
      });
    }
    return this.closed;
  }

  #read(): void {
    for (const event of this.#log.after(this.#seq)) {
      if (event.seq !== this.#seq + 1) throw new Error(`event ${event.seq} follows ${this.#seq}`);
      this.#seq = event.seq;
      this.#take(event);
    }
  }

  #take(event: LogEvent): void {
    if (event.type === 'connection-opened') this.opened.push(event);
    if (event.type === 'connection-closed') this.closed.push(event);
    if (event.type === 'bytes-captured') this.#takeBytes(event);
  }

  #takeBytes(event: BytesCaptured): void {
    if (this.closed.some(({ connection }) => connection === event.connection)) {
      throw new Error(`bytes of connection ${event.connection} after its end`);
    }
    const digest = this.stream(event.connection, event.direction);
    if (event.offset !== digest.length)
      throw new Error(`offset ${event.offset} after ${digest.length} bytes`);
    digest.add(event.bytes);
  }
}

/** A SHA-256 that also counts. */
export class Digest {
  length = 0;
  readonly #hash = createHash('sha256');

  add(bytes: Uint8Array): void {
    this.length += bytes.length;
    this.#hash.update(bytes);
  }

  /** `length:hash`, so that a failed comparison says whether bytes are missing or wrong. */
  toString(): string {
    return `${this.length}:${this.#hash.copy().digest('hex')}`;
  }
}

/** Hashes what the socket delivers; resolves at its end (not at its close). */
export async function received(socket: Socket): Promise<string> {
  const digest = new Digest();
  socket.on('data', (chunk: Buffer) => digest.add(chunk));
  await once(socket, 'end');
  return digest.toString();
}

/** Writes `total` bytes that never repeat, heeding backpressure, then ends; returns the digest of what was sent. */
export async function send(socket: Socket, total: number, chunkBytes = 256 * 1024): Promise<string> {
  const digest = new Digest();
  for (let sent = 0, round = 0; sent < total; sent += chunkBytes, round += 1) {
    const chunk = Buffer.alloc(Math.min(chunkBytes, total - sent), `${round}:${sent}-`);
    digest.add(chunk);
    if (!socket.write(chunk)) await once(socket, 'drain');
  }
  socket.end();
  return digest.toString();
}

/** Resolves when the socket has delivered so many bytes. */
export async function receivedBytes(socket: Socket, count: number): Promise<void> {
  let seen = 0;
  if (count === 0) return;
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      seen += chunk.length;
      if (seen >= count) resolve();
    });
  });
}
