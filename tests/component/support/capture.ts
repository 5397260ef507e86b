import type { ConnectionOpened, Direction, LogEvent, SecretKind } from '#contract';
import { CaptureFold } from '#folds/capture.ts';
import { utf8 } from './bytes.ts';

const EPOCH = 1000;

/** A capture made of what a test says crossed, folded by the fold that the page uses. */
export class TestCapture {
  readonly fold = new CaptureFold();
  readonly entered: string[] = [];
  readonly #offsets = new Map<string, number>();
  #seq = 0;

  constructor() {
    this.#apply({ vantage: 'wire', type: 'epoch-started', wallClock: '', routes: [], source: 'live' });
  }

  open(
    connection: number,
    port: 80 | 443,
    name = 'piggypay.test',
    how: Partial<Pick<ConnectionOpened, 'hop' | 'opener'>> = {},
  ): this {
    const server = { name, address: '127.0.0.1', port };
    return this.#apply({
      vantage: 'wire',
      type: 'connection-opened',
      hop: 'cafe',
      connection,
      transport: 'tcp',
      client: { address: '127.0.0.1', port: 40_000 + connection },
      server,
      opener: 'scripted-victim',
      ...how,
    });
  }

  bytes(connection: number, direction: Direction, bytes: Uint8Array): this {
    const stream = `${String(connection)}:${direction}`;
    const offset = this.#offsets.get(stream) ?? 0;
    this.#offsets.set(stream, offset + bytes.length);
    const place = { connection, direction, offset, bytes } as const;
    return this.#apply({ vantage: 'wire', type: 'bytes-captured', hop: 'cafe', ...place });
  }

  enter(
    kind: SecretKind,
    value: string,
    told: { vantage: 'victim' | 'site'; isHash?: true } = { vantage: 'victim' },
  ): this {
    this.entered.push(value);
    return this.#apply({ ...told, type: 'secret-entered', kind, value });
  }

  /** A login over HTTP on connection 1, answered with a cookie and a token. */
  httpLogin(password: string): this {
    const body = JSON.stringify({ mobile: '9800000012', password });
    const reply = JSON.stringify({ name: 'Asha', token: 'eyJhbGciOi.J9' });
    return this.enter('mobile', '9800000012')
      .enter('password', password)
      .open(1, 80)
      .bytes(1, 'client-to-server', utf8('GET / HTTP/1.1\r\nHost: piggypay.test\r\n\r\n'))
      .bytes(1, 'server-to-client', utf8('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'))
      .bytes(
        1,
        'client-to-server',
        utf8(
          'POST /api/v1/login HTTP/1.1\r\nHost: piggypay.test\r\nContent-Type: application/json\r\n' +
            `Content-Length: ${String(body.length)}\r\n\r\n${body}`,
        ),
      )
      .bytes(
        1,
        'server-to-client',
        utf8(
          'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nSet-Cookie: sid=7f3c9a51be20\r\n' +
            `Content-Length: ${String(reply.length)}\r\n\r\n${reply}`,
        ),
      );
  }

  #apply(event: DistributiveOmit<LogEvent, 'epoch' | 'seq' | 'time'>): this {
    this.#seq += 1;
    this.fold.apply({ ...event, epoch: EPOCH, seq: this.#seq, time: this.#seq * 1000 });
    return this;
  }
}

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;
