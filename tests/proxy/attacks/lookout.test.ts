import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ConnectionOpened, Direction } from '#contract';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Arming, AttackLab } from '../../../proxy/attacks/attack.ts';
import { lookOut } from '../../../proxy/attacks/lookout.ts';
import { Watch } from '../../../proxy/attacks/watch.ts';
import type { Exchange } from '../../../proxy/attacks/watched-connection.ts';
import { CaptureLog } from '../../../proxy/capture/log.ts';
import { warningOf } from '../../support/warnings.ts';

const request = (path: string) =>
  `POST ${path} HTTP/1.1\r\nHost: piggypay.test\r\nContent-Length: 2\r\n\r\n{}`;
const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

let log: CaptureLog;
let offsets: Map<string, number>;
let told: string[];
let failed: unknown[];
let abort: AbortController;
let end: (() => Promise<void>) | undefined;
beforeEach(() => {
  begin(new CaptureLog());
  [told, failed, abort, end] = [[], [], new AbortController(), undefined];
});
afterEach(() => end?.());

function begin(fresh: CaptureLog): void {
  log = fresh;
  log.begin({ routes: [] });
  offsets = new Map();
}

function open(more: Partial<ConnectionOpened> = {}): number {
  const connection = log.nextConnection();
  log.append({
    ...{ type: 'connection-opened', vantage: 'wire', hop: 'cafe', transport: 'tcp', connection },
    ...{ opener: 'other', client: { address: '127.0.0.1', port: 1000 + connection } },
    server: { name: 'piggypay.test', port: 80, address: '127.0.0.1:1' },
    ...more,
  });
  return connection;
}

function send(connection: number, direction: Direction, text: string, pieces = Infinity): void {
  for (let at = 0; at < text.length; at += pieces) {
    const bytes = log.segments.store(Buffer.from(text.slice(at, at + pieces), 'latin1'));
    const key = `${connection} ${direction}`;
    const offset = offsets.get(key) ?? 0;
    offsets.set(key, offset + bytes.length);
    log.append({
      type: 'bytes-captured',
      vantage: 'wire',
      hop: 'cafe',
      connection,
      direction,
      offset,
      bytes,
    });
  }
}

function exchange(connection: number, path: string, pieces?: number): void {
  send(connection, 'client-to-server', request(path), pieces);
  send(connection, 'server-to-client', answer, pieces);
}

function close(connection: number): void {
  log.append({
    ...{ type: 'connection-closed', vantage: 'wire', hop: 'cafe', connection, by: 'server', how: 'end' },
  });
}

function look(see: (exchange: Exchange) => Promise<void> = () => Promise.resolve()): void {
  const arming: Arming = {
    ...{ lab: { log } as unknown as AttackLab, watch: new Watch(log), signal: abort.signal },
    judge: () => undefined,
    failed: (error) => void failed.push(error),
  };
  end = lookOut(arming, {
    exchange: (seen) => {
      told.push(`${seen.opened.connection} ${seen.request.bytes.toString('latin1').split(' ', 2)[1] ?? ''}`);
      return see(seen);
    },
    pause: ({ opened }) => Promise.resolve(void told.push(`${opened.connection} is over`)),
  });
}

const untilTold = (expected: readonly string[]) => expect.poll(() => told, { interval: 1 }).toEqual(expected);

test('tells an exchange once, with its bytes, in whatever pieces it crossed', async () => {
  const seen: Exchange[] = [];
  look((one) => Promise.resolve(void seen.push(one)));
  const connection = open();
  exchange(connection, '/one', 1);
  exchange(connection, '/two', 7);
  await untilTold(['1 /one', '1 /two']);
  expect(seen.map(({ request: { bytes } }) => bytes.toString())).toEqual([request('/one'), request('/two')]);
  expect(seen.map(({ response: { bytes } }) => bytes.toString())).toEqual([answer, answer]);
});

test('tells nothing while the relay’s word is taken in, only afterwards', async () => {
  look();
  exchange(open(), '/one');
  expect(told).toEqual([]);
  await untilTold(['1 /one']);
});

test('of a connection from before it tells what comes, not what came', async () => {
  const over = open();
  exchange(over, '/over');
  close(over);
  const server = { name: 'piggypay.test', port: 443, address: '127.0.0.1:2' };
  const [sealed, sealedStill] = [open({ server }), open({ server })];
  close(sealed);
  const connection = open();
  exchange(connection, '/before');
  send(connection, 'client-to-server', request('/in-the-middle').slice(0, 20));
  look();
  send(connection, 'client-to-server', request('/in-the-middle').slice(20));
  send(connection, 'server-to-client', answer);
  exchange(connection, '/afterwards');
  close(sealedStill);
  await untilTold(['4 /in-the-middle', '4 /afterwards', '3 is over']);
});

test('an answer without a length is over when the connection is', async () => {
  look();
  const connection = open();
  send(connection, 'client-to-server', request('/one'));
  send(connection, 'server-to-client', 'HTTP/1.1 200 OK\r\n\r\nas long as it takes');
  await nextTurn();
  close(connection);
  await untilTold(['1 /one']);
});

test('looks at visitors of the site alone, and at none of the stranger’s own', async () => {
  look();
  exchange(open({ opener: 'stranger' }), '/stranger');
  exchange(open({ hop: 'onward' }), '/onward');
  exchange(open({ transport: 'udp' }), '/udp');
  exchange(open({ server: { name: 'tls12.test', port: 80, address: '127.0.0.1:1' } }), '/elsewhere');
  exchange(open({ opener: 'demo-browser' }), '/visitor');
  await untilTold(['5 /visitor']);
});

test('of what the log has dropped it tells nothing, and goes on with the next connection', async () => {
  begin(new CaptureLog({ limitBytes: 64 * 1024 }));
  const [cut, other] = [open(), open()];
  send(cut, 'client-to-server', request('/cut'));
  send(other, 'client-to-server', 'x'.repeat(100_000), 4096);
  look();
  send(cut, 'server-to-client', answer);
  exchange(open(), '/next');
  await untilTold(['3 /next']);
});

test('calls one after the other, goes on after one that fails, and passes over what a flood brings', async () => {
  const warned = warningOf('it was not answered');
  let running = 0;
  let most = 0;
  look(async ({ request: { bytes } }) => {
    running += 1;
    most = Math.max(most, running);
    await nextTurn();
    running -= 1;
    if (bytes.includes('/fails')) throw new Error('it was not answered');
  });
  const connection = open();
  exchange(connection, '/fails');
  for (let count = 0; count < 40; count += 1) exchange(connection, `/${count}`);
  await warned;
  await expect.poll(() => told.length, { interval: 1 }).toBe(16);
  exchange(connection, '/later');
  await expect.poll(() => told.at(-1), { interval: 1 }).toBe('1 /later');
  expect(most).toBe(1);
});

test('ended, it waits for what is under way, tells nothing more and listens to the log no more', async () => {
  const unsubscribed = vi.fn();
  const subscribe = log.subscribe.bind(log);
  vi.spyOn(log, 'subscribe').mockImplementation((listener) => {
    const unsubscribe = subscribe(listener);
    return () => {
      unsubscribed();
      unsubscribe();
    };
  });
  let finish: () => void = () => undefined;
  look(() => new Promise<void>((resolve) => (finish = resolve)));
  const connection = open();
  exchange(connection, '/one');
  exchange(connection, '/two');
  await untilTold(['1 /one']);
  let isEnded = false;
  const ending = end?.().then(() => (isEnded = true));
  exchange(connection, '/three');
  await nextTurn();
  expect([isEnded, unsubscribed.mock.calls.length]).toEqual([false, 1]);
  finish();
  await ending;
  expect(told).toEqual(['1 /one']);
});

test('when another capture begins it looks at nothing of it', async () => {
  look();
  log.begin({ routes: [] });
  offsets = new Map();
  exchange(open(), '/one');
  await nextTurn();
  await nextTurn();
  expect(told).toEqual([]);
});

test('a fault of its own is told to whoever armed it, not to the log', async () => {
  look();
  vi.spyOn(log, 'after').mockImplementation(() => {
    throw new Error('broken');
  });
  exchange(open(), '/one');
  await expect.poll(() => failed.map(String), { interval: 1 }).toContain('Error: broken');
  vi.restoreAllMocks();
});
