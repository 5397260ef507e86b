import { once } from 'node:events';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  isAttackEvent,
  type BytesCaptured,
  type ConnectionId,
  type Direction,
  type LogEvent,
  type LoginAnswer,
  type Route,
  type Victim,
} from '#contract';
import { CaptureLog } from '../../proxy/capture/log.ts';
import { createRelay } from '../../proxy/relay/relay.ts';
import { startLabProcess } from '../support/lab-process.ts';
import { readVector, type VectorChunk } from '../vectors/vector.ts';
import { tlsName } from './certificate.ts';
import { startOrigin } from './subjects.ts';

/** A kind of traffic, and how much of it a capture holds. */
export interface Part {
  readonly name: string;
  readonly bytes: number;
  readonly events: readonly LogEvent[];
}

const PART_BYTES = 14e6;
const MICROSECOND = 1000;

const routes: readonly Route[] = [80, 443].map((port) => {
  return { name: 'piggypay.test', port, tls: port === 443, address: '127.0.0.1:1', listen: 2 };
});

/**
 * What a lab captures, 56 MB of it, in four equal parts: a login with its page, over HTTP and over HTTPS, made by
 * the lab now and played again and again, each on a connection of its own; exchanges of some 200 bytes each, recorded
 * once from the lab; and long bodies, half of them over TLS, as the relay records them now.
 */
export async function labCapture(): Promise<readonly Part[]> {
  const writer = new EventWriter();
  const { http, https } = await login();
  const small = readVector('http-login').chunks;
  return [
    part('logins over HTTP', writer.replay(http, 80, PART_BYTES)),
    part('logins over HTTPS', writer.replay(https, 443, PART_BYTES)),
    part('smallest exchanges, HTTP', writer.replay(small, 80, PART_BYTES)),
    part('long bodies, half over TLS', writer.renumber(await longBodies(PART_BYTES))),
  ];
}

/** The beginning that every capture has. */
export function beginning(): LogEvent {
  const numbers = { epoch: 1, seq: 1, time: 0, vantage: 'wire' } as const;
  const wallClock = '2026-11-22T00:00:00.000Z';
  return { ...numbers, type: 'epoch-started', wallClock, routes, source: 'live' };
}

function part(name: string, events: readonly LogEvent[]): Part {
  const bytes = events.reduce(
    (sum, event) => sum + (event.type === 'bytes-captured' ? event.bytes.length : 0),
    0,
  );
  return { name, bytes, events };
}

/** Numbers events and connections anew, in one row. */
class EventWriter {
  #seq = 1;
  #connections = 0;
  #segment = new Uint8Array(0);
  #used = 0;

  replay(chunks: readonly VectorChunk[], port: number, bytes: number): readonly LogEvent[] {
    const events: LogEvent[] = [];
    for (let written = 0; written < bytes;) {
      const connection = ++this.#connections;
      events.push(this.#opened(connection, port));
      const offsets = { 'client-to-server': 0, 'server-to-client': 0 };
      for (const { direction, bytes: chunk } of chunks) {
        events.push(this.#captured(connection, direction, offsets[direction], this.#stored(chunk)));
        offsets[direction] += chunk.length;
        written += chunk.length;
      }
      const how = { hop: 'cafe', by: 'client', how: 'end' } as const;
      events.push({ ...this.#wire(), type: 'connection-closed', connection, ...how });
    }
    return events;
  }

  renumber(events: readonly LogEvent[]): readonly LogEvent[] {
    const before = this.#connections;
    return events.flatMap((event) => {
      if (event.vantage !== 'wire' || event.type === 'epoch-started' || isAttackEvent(event)) return [];
      if (event.type === 'request-refused') return [];
      const connection = before + event.connection;
      this.#connections = Math.max(this.#connections, connection);
      return [{ ...event, ...this.#wire(), connection }];
    });
  }

  // In long segments, as the relay stores what it captures.
  #stored(chunk: Uint8Array): Uint8Array {
    if (this.#used + chunk.length > this.#segment.length) {
      this.#segment = new Uint8Array(2 << 20);
      this.#used = 0;
    }
    const from = this.#used;
    this.#used += chunk.length;
    this.#segment.set(chunk, from);
    return this.#segment.subarray(from, this.#used);
  }

  #opened(connection: ConnectionId, port: number): LogEvent {
    return {
      ...{ ...this.#wire(), type: 'connection-opened', hop: 'cafe', connection, transport: 'tcp' },
      client: { address: '127.0.0.1', port: 1024 + (connection % 60_000) },
      server: { name: 'piggypay.test', port, address: '127.0.0.1' },
      opener: 'scripted-victim',
    };
  }

  #captured(
    connection: ConnectionId,
    direction: Direction,
    offset: number,
    bytes: Uint8Array,
  ): BytesCaptured {
    return { ...this.#wire(), type: 'bytes-captured', hop: 'cafe', connection, direction, offset, bytes };
  }

  #wire() {
    const seq = ++this.#seq;
    return { epoch: 1, seq, time: seq * 10 * MICROSECOND, vantage: 'wire' as const };
  }
}

/** One login on each site, as the victim's connection to it was captured. */
async function login(): Promise<{ http: readonly VectorChunk[]; https: readonly VectorChunk[] }> {
  const lab = await startLabProcess();
  try {
    const { persona } = (await lab.call('GET', '/api/victim')).body as Victim;
    const { mobile, password } = persona;
    const { body } = await lab.call('POST', '/api/victim/login', { mobile, password, site: 'both' });
    const { http, https } = body as LoginAnswer;
    const events = await lab.events();
    const chunksOf = (connection: ConnectionId | undefined): readonly VectorChunk[] =>
      events.flatMap((event) =>
        event.type === 'bytes-captured' && event.connection === connection ? [event] : [],
      );
    return { http: chunksOf(http?.connection), https: chunksOf(https?.connection) };
  } finally {
    await lab.stop();
  }
}

async function longBodies(bytes: number): Promise<readonly LogEvent[]> {
  const { origin, stop } = await startOrigin();
  const log = new CaptureLog({ limitBytes: 4 * bytes });
  log.begin({ routes });
  const relay = createRelay(log);
  try {
    for (const tls of [false, true]) {
      const address = { host: '127.0.0.1', port: tls ? origin.tls : origin.plain };
      const route = { name: 'piggypay.test', port: tls ? 443 : 80, tls, address };
      const port = await relay.open(route, 'other');
      const socket = tls
        ? connectTls({ host: '127.0.0.1', port, servername: tlsName, ca: origin.certificate })
        : connectPlain({ host: '127.0.0.1', port });
      await once(socket, tls ? 'secureConnect' : 'connect');
      const each = 600_000;
      for (let left = bytes / 2; left > 0; left -= each) await fetchBody(socket, each);
      const closed = once(socket, 'close');
      socket.end();
      socket.resume();
      await closed;
    }
    // The last close enters the log with this.
    await relay.dropConnections();
    return log.after(0, Infinity);
  } finally {
    await relay.close();
    await stop();
  }
}

/** Asks for so many bytes and takes them in; the head of the answer comes first and is short. */
function fetchBody(socket: Socket, bytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let left: number | undefined;
    const take = (chunk: Buffer): void => {
      const head = left === undefined ? chunk.indexOf('\r\n\r\n') + 4 : 0;
      left = (left ?? bytes) - (chunk.length - head);
      if (left > 0) return;
      socket.off('data', take).off('error', reject);
      resolve();
    };
    socket.on('data', take).once('error', reject);
    socket.write(`GET /${bytes} HTTP/1.1\r\nHost: ${tlsName}\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n`);
  });
}
