import type { Direction, LogEvent } from '#contract';
import { utf8 } from './bytes.ts';

type Unnumbered<Event> = Event extends unknown ? Omit<Event, 'epoch' | 'seq' | 'time'> : never;

const RESPONSE = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

/** A log made of what a test says crossed, for who folds it himself. */
export class TestEvents {
  readonly all: LogEvent[] = [];
  readonly #offsets = new Map<string, number>();
  #epoch = 1000;
  #seq = 0;

  constructor() {
    this.startOver(this.#epoch);
  }

  startOver(epoch: number): this {
    this.#epoch = epoch;
    this.#seq = 0;
    this.#offsets.clear();
    const began = { vantage: 'wire', type: 'epoch-started', wallClock: '' } as const;
    const routes = [80, 443].map((port) => {
      return { name: 'piggypay.test', port, tls: port === 443, address: '127.0.0.1:1', listen: 2 };
    });
    return this.#add({ ...began, routes, source: 'live' });
  }

  open(connection: number, port: 80 | 443): this {
    return this.#add({
      ...{ vantage: 'wire', type: 'connection-opened', hop: 'cafe', connection, transport: 'tcp' },
      client: { address: '127.0.0.1', port: 40_000 + connection },
      server: { name: 'piggypay.test', address: '127.0.0.1', port },
      opener: 'scripted-victim',
    });
  }

  bytes(connection: number, direction: Direction, text: string): this {
    const stream = `${String(connection)}:${direction}`;
    const offset = this.#offsets.get(stream) ?? 0;
    const bytes = utf8(text);
    this.#offsets.set(stream, offset + bytes.length);
    const place = { connection, direction, offset, bytes } as const;
    return this.#add({ vantage: 'wire', type: 'bytes-captured', hop: 'cafe', ...place });
  }

  /** A request for this path and its answer. */
  flow(connection: number, path: string): this {
    return this.bytes(connection, 'client-to-server', this.request(path)).bytes(
      connection,
      'server-to-client',
      RESPONSE,
    );
  }

  request(path: string): string {
    return `GET ${path} HTTP/1.1\r\nHost: piggypay.test\r\n\r\n`;
  }

  evict(connection: number, direction: Direction, from: number, to: number): this {
    return this.#add({ vantage: 'wire', type: 'bytes-evicted', connection, direction, from, to });
  }

  #add(event: Unnumbered<LogEvent>): this {
    this.#seq += 1;
    this.all.push({ ...event, epoch: this.#epoch, seq: this.#seq, time: this.#seq * 1000 });
    return this;
  }
}
