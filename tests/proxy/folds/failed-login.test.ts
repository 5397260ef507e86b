import { expect, test } from 'vitest';
import type { LogEvent } from '#contract';
import { readVector } from '../../vectors/vector.ts';
import { MILLISECOND, Playing } from './events.ts';

const TLS13 = readVector('tls13-login');
const REFUSED = readVector('tls12-refused');
/** What an end or the wire tells, without what numbers it. */
type Told = Pick<LogEvent, 'type' | 'vantage'> & Record<string, unknown>;

/** Tells one thing more, after all that was played; the last thing that a test does with a capture. */
function tell(playing: Playing, told: Told): void {
  const seq = playing.seq + 1000;
  playing.fold.apply({ ...told, epoch: 1000, seq, time: seq * MILLISECOND } as unknown as LogEvent);
}

function closedByServer(connection: number): Told {
  const end = { hop: 'cafe', connection, by: 'server', how: 'end' };
  return { type: 'connection-closed', vantage: 'wire', ...end };
}

function connectionsOf(playing: Playing): ReadonlySet<number> {
  return new Set(playing.fold.view().lanes.https.findings.map(({ connection }) => connection));
}

/** A sealed record with so much in it. */
function sealed(length: number): Uint8Array {
  return Uint8Array.of(0x17, 3, 3, length >> 8, length & 255, ...new Uint8Array(length).fill(7));
}

/** The handshake of a login and its first request, and then records of the server, so long each. */
function untilRequest(playing: Playing, answers: readonly number[]): number {
  const connection = playing.open({ port: 443 });
  const requests = TLS13.chunks.flatMap(({ direction }, at) =>
    direction === 'client-to-server' ? [at] : [],
  );
  for (const { direction, bytes } of TLS13.chunks.slice(0, (requests[1] ?? 0) + 1))
    playing.send(connection, direction, bytes);
  for (const length of answers) playing.send(connection, 'server-to-client', sealed(length));
  return connection;
}

/** A login that gets a page, and then an answer to what was typed into it. */
function wholeLogin(playing: Playing): number {
  const connection = untilRequest(playing, [200, 200, 6000]);
  playing.send(connection, 'client-to-server', sealed(240));
  playing.send(connection, 'server-to-client', sealed(700));
  playing.close(connection);
  return connection;
}

test('a handshake that failed is shown where its site is, in place of the login before it', () => {
  const playing = new Playing();
  wholeLogin(playing);
  const failed = playing.vector(REFUSED, { port: 443 });
  const { lanes, other } = playing.fold.view();
  expect(other).toEqual([]);
  expect(lanes.https.connections.at(-1)?.connection).toBe(failed);
  expect(connectionsOf(playing)).toEqual(new Set([failed]));
  expect(lanes.https.findings.some(({ kind }) => kind === 'password')).toBe(false);
});

test.each([
  { opener: 'stranger' as const },
  { opener: 'other' as const },
  { hop: 'onward' as const },
  { name: 'expired.test' },
])('one of nobody’s login stays parked: %o', (opening) => {
  const playing = new Playing();
  const login = wholeLogin(playing);
  playing.vector(REFUSED, { port: 443, ...opening });
  expect(playing.fold.view().other).toHaveLength(1);
  expect(connectionsOf(playing)).toEqual(new Set([login]));
});

test('a login that was cut off is shown, not the one before it, and what became of it is told', () => {
  const playing = new Playing();
  wholeLogin(playing);
  expect(playing.fold.view().lanes.https.failure).toBeUndefined();
  const cut = untilRequest(playing, [200, 200]);
  tell(playing, closedByServer(cut));
  expect(connectionsOf(playing)).toEqual(new Set([cut]));
  expect(playing.fold.view().lanes.https.failure).toEqual({ how: 'cut-off', connection: cut });
});

test('one that was answered before the server closed it was not', () => {
  const playing = new Playing();
  const login = wholeLogin(playing);
  const answered = untilRequest(playing, [200, 200, 180]);
  tell(playing, closedByServer(answered));
  expect(connectionsOf(playing)).toEqual(new Set([login]));
  expect(playing.fold.view().lanes.https.failure).toBeUndefined();
});

test('that a login was refused is the site’s word, until another gets in', () => {
  const playing = new Playing();
  const http = playing.vector(readVector('http-login'));
  const handled = { type: 'request-handled', vantage: 'site', method: 'POST', count: 2 } as const;
  const word: Told = { ...handled, connection: http, path: '/api/v1/login', status: 401 };
  tell(playing, { ...word, path: '/api/v1/balance', status: 403 });
  expect(playing.fold.view().lanes.http.failure).toBeUndefined();
  tell(playing, word);
  expect(playing.fold.view().lanes.http.failure).toEqual({ how: 'refused', connection: http, status: 401 });
  tell(playing, { ...word, status: 200 });
  expect(playing.fold.view().lanes.http.failure).toBeUndefined();
});

test('a hash that the site received in place of a password is called one, whoever typed what', () => {
  const playing = new Playing();
  const hash = 'ab'.repeat(32);
  const body = JSON.stringify({ mobile: '9800000012', passwordHash: hash });
  const connection = playing.open();
  playing.send(
    connection,
    'client-to-server',
    'POST /api/v1/login-hashed HTTP/1.1\r\nHost: piggypay.test\r\nContent-Type: application/json\r\n' +
      `Content-Length: ${String(body.length)}\r\n\r\n${body}`,
  );
  tell(playing, { type: 'secret-entered', vantage: 'site', kind: 'password', value: hash, isHash: true });
  const { http } = playing.fold.view().lanes;
  expect(http).toMatchObject({ isPasswordHash: true, password: { needle: hash, found: 1 } });
  const found = http.findings.find(({ kind }) => kind === 'password');
  expect(found).toMatchObject({ status: 'read', value: hash, isHash: true });
});
