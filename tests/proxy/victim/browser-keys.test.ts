import type { LogEvent, Opener } from '#contract';
import { beforeEach, expect, test } from 'vitest';
import { CaptureLog } from '../../../proxy/capture/log.ts';
import { BrowserKeys } from '../../../proxy/victim/browser-keys.ts';
import { readVector } from '../../vectors/vector.ts';

const HELLO = readVector('chromium-hello').chunks[0]?.bytes ?? new Uint8Array();
const RANDOM = randomOf(HELLO);
const LINE = `CLIENT_TRAFFIC_SECRET_0 ${RANDOM} ${'cd'.repeat(32)}`;

let log: CaptureLog;
let keys: BrowserKeys;

beforeEach(() => {
  log = new CaptureLog();
  log.begin({ routes: [] });
  keys = new BrowserKeys(log);
});

function randomOf(hello: Uint8Array): string {
  return Buffer.from(hello.subarray(11, 43)).toString('hex');
}

function withRandom(byte: number): Uint8Array {
  return Uint8Array.from(HELLO).fill(byte, 11, 43);
}

function open(opener: Opener = 'demo-browser'): number {
  const connection = log.nextConnection();
  log.append({
    ...{ type: 'connection-opened', vantage: 'wire', hop: 'cafe', connection, transport: 'tcp', opener },
    client: { address: '127.0.0.1', port: 50_000 + connection },
    server: { name: 'piggypay.test', port: 443, address: '127.0.0.1' },
  });
  return connection;
}

function capture(connection: number, bytes: Uint8Array, offset = 0): void {
  log.append({
    ...{ type: 'bytes-captured', vantage: 'wire', hop: 'cafe', connection, offset },
    ...{ direction: 'client-to-server', bytes: log.segments.store(bytes) },
  });
}

function told(): readonly LogEvent[] {
  return log.after(0).filter(({ type }) => type === 'secrets-logged');
}

test('a line is told of the connection whose ClientHello has its client random', () => {
  capture(open(), withRandom(1));
  const connection = open();
  capture(connection, HELLO);
  keys.tell(LINE);
  expect(told()).toMatchObject([{ vantage: 'victim', connection, line: LINE }]);
});

test('the client random is found in whatever chunks the hello came', () => {
  const connection = open();
  for (const [offset, byte] of HELLO.entries()) {
    capture(connection, Uint8Array.of(byte), offset);
    if (offset === 20) keys.tell(`CLIENT_RANDOM ${'00'.repeat(32)} ${'cd'.repeat(48)}`);
  }
  keys.tell(LINE);
  expect(told()).toMatchObject([{ connection, line: LINE }]);
});

test('a line that was written before its hello was read is told with the next one', () => {
  const connection = open();
  const early = LINE.replace('CLIENT_TRAFFIC_SECRET_0', 'CLIENT_EARLY_TRAFFIC_SECRET');
  keys.tell(early);
  expect(told()).toEqual([]);
  capture(connection, HELLO);
  keys.tell(LINE);
  expect(told()).toMatchObject([
    { connection, line: early },
    { connection, line: LINE },
  ]);
});

test('nothing is told of the connections of others, of plain HTTP or of what is not a hello', () => {
  capture(open('scripted-victim'), HELLO);
  capture(open(), new TextEncoder().encode('GET / HTTP/1.1\r\nHost: piggypay.test\r\n\r\n'.padEnd(60)));
  capture(open(), Uint8Array.from(HELLO).fill(2, 5, 6));
  keys.tell(LINE);
  expect(told()).toEqual([]);
});

test('what is not a line of a key log is passed over', () => {
  capture(open(), HELLO);
  for (const line of ['', '# 3 lines dropped', RANDOM, `${LINE} more`, `${LINE}\u0000`, LINE.slice(0, 90)])
    keys.tell(line);
  expect(told()).toEqual([]);
});

test('a new epoch knows nothing of the connections of the last one', () => {
  capture(open(), HELLO);
  keys.tell(LINE);
  log.begin({ routes: [] });
  keys.tell(LINE);
  expect(told()).toEqual([]);
  const connection = open();
  capture(connection, withRandom(3));
  keys.tell(LINE.replace(RANDOM, '03'.repeat(32)));
  expect(told()).toMatchObject([{ connection }]);
});

test('the connection may be over by the time its lines come', () => {
  const connection = open();
  capture(connection, HELLO);
  log.append({
    type: 'connection-closed',
    vantage: 'wire',
    hop: 'cafe',
    connection,
    by: 'client',
    how: 'end',
  });
  keys.tell(LINE);
  expect(told()).toMatchObject([{ connection }]);
});

test('its lines outlive the eviction of what came before them, with their connection', () => {
  log = new CaptureLog({ limitBytes: 64 * 1024 });
  log.begin({ routes: [] });
  keys = new BrowserKeys(log);
  const connection = open();
  capture(connection, HELLO);
  keys.tell(LINE);
  for (let offset = HELLO.length; offset < 300_000; offset += 10_000)
    capture(connection, new Uint8Array(10_000), offset);
  expect(log.completeFrom).toBeGreaterThan(4);
  expect(told()).toMatchObject([{ connection, line: LINE }]);
});
