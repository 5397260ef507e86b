import type { ConnectionId, Direction, Hop } from '#contract';
import { beforeEach, expect, test } from 'vitest';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import { type Impersonated, ImpersonatedVisits } from '../../../proxy/attacks/impersonated-visits.ts';
import { CaptureLog } from '../../../proxy/capture/log.ts';

let log: CaptureLog;
let visits: ImpersonatedVisits;
let seen: number;
beforeEach(() => {
  log = new CaptureLog();
  log.begin({ routes: [] });
  visits = new ImpersonatedVisits(log, PERSONA);
  seen = log.lastSeq;
});

/** Lets them hear what the log was told since. */
function take(): readonly Impersonated[] {
  const fresh = log.after(seen);
  seen = log.lastSeq;
  return visits.take(fresh);
}

function open(
  from: number,
  { port = 80, hop = 'cafe', name = 'piggypay.test' }: { port?: number; hop?: Hop; name?: string } = {},
): ConnectionId {
  const connection = log.nextConnection();
  log.append({
    ...{ type: 'connection-opened', vantage: 'wire', hop, connection, transport: 'tcp', tls: port === 443 },
    ...{ client: { address: '127.0.0.1', port: from }, server: { name, port, address: '127.0.0.1:1' } },
    opener: hop === 'onward' ? 'stranger' : 'demo-browser',
  });
  return connection;
}

function pass(connection: ConnectionId, direction: Direction, text: string, offset = 0): void {
  const bytes = log.segments.store(Buffer.from(text));
  log.append({
    ...{ type: 'bytes-captured', vantage: 'wire', hop: 'cafe', connection, direction, offset, bytes },
  });
}

function close(connection: ConnectionId): void {
  log.append({
    ...{ type: 'connection-closed', vantage: 'wire', hop: 'cafe', connection, by: 'client', how: 'end' },
  });
}

function handle(connection: ConnectionId): void {
  log.append({
    ...{
      type: 'request-handled',
      vantage: 'site',
      connection,
      method: 'GET',
      path: '/',
      status: 200,
      count: 1,
    },
  });
}

test('finds what was read, cut in two as well, and each in its own direction', () => {
  const connection = open(1);
  pass(connection, 'server-to-client', `no login of its own: ${PERSONA.password}`);
  expect(take()).toMatchObject([{ secrets: [], isAnswered: true, bytesRead: 0 }]);
  const half = PERSONA.password.length / 2;
  pass(connection, 'client-to-server', `a=1&password=${PERSONA.password.slice(0, half)}`);
  take();
  pass(connection, 'client-to-server', PERSONA.password.slice(half));
  pass(connection, 'server-to-client', 'HTTP/1.1 200 OK\r\nSet-Coo');
  pass(connection, 'server-to-client', 'kie: sid=1\r\n');
  expect(take()).toMatchObject([
    { secrets: ['the password', 'the session’s cookie'], bytesRead: 13 + PERSONA.password.length },
  ]);
});

test('armed for long it remembers the newest, and of what they sent next to nothing', () => {
  const page = 'x'.repeat(1 << 16);
  const first = open(1);
  for (let from = 2; from < 400; from += 1) {
    const connection = open(from);
    pass(connection, 'server-to-client', page);
    close(connection);
    take();
  }
  expect(visits.all.length).toBeLessThanOrEqual(256);
  // One that is open is not among those long gone.
  expect(visits.all[0]?.visit.connection).toBe(first);
  expect(JSON.stringify(visits.all).length).toBeLessThan(2 << 20);
});

test('of the stranger’s connections each counts for whom it was opened, its port used again or not', () => {
  const [one, other] = [open(1, { port: 443 }), open(2, { port: 443 })];
  visits.see({ type: 'went-on', connection: one, from: 50_000 });
  const first = open(50_000, { port: 443, hop: 'onward' });
  handle(first);
  expect(take().find(({ visit }) => visit.connection === one)).toMatchObject({
    ...{ onward: [first], handled: [{ connection: first }] },
  });
  // To another site, and then for somebody else, from the same port.
  handle(open(50_000, { port: 443, hop: 'onward', name: 'bank-hsts.test' }));
  const second = open(50_000, { port: 443, hop: 'onward' });
  handle(second);
  take();
  visits.see({ type: 'went-on', connection: other, from: 50_000 });
  take();
  expect(visits.all.map(({ onward, handled }) => [onward, handled.length])).toEqual([
    [[first], 1],
    [[second], 1],
  ]);
});

test('that somebody left counts, told of before the log was taken in or behind its last word', () => {
  const code = 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA';
  const late = open(1);
  close(late);
  take();
  visits.see({ type: 'left', connection: late, code });
  expect(take()).toMatchObject([{ left: { code } }]);
  expect(take()).toEqual([]);
  const early = open(2);
  visits.see({ type: 'left', connection: early, code });
  expect(take()).toMatchObject([{ left: { code } }]);
});
