import type { Finding, FindingKind, SecretEntered } from '#contract';
import { Connections } from '#folds/connections.ts';
import { describe, expect, test } from 'vitest';
import { readVector } from '../../vectors/vector.ts';
import { Playing } from './events.ts';

function notebook(playing: Playing, lane: 'http' | 'https'): ReadonlyMap<FindingKind, Finding> {
  return new Map(playing.fold.view().lanes[lane].findings.map((finding) => [finding.kind, finding]));
}

function bytesOf(playing: Playing, finding: Finding | undefined): string {
  return finding ? new TextDecoder().decode(playing.fold.bytes(finding).bytes) : '';
}

function post(
  playing: Playing,
  body: string,
  type: string,
  answer = 'HTTP/1.1 204 No Content\r\n\r\n',
): void {
  const connection = playing.open();
  const head = `POST /login HTTP/1.1\r\nHost: shop.test\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`;
  playing.send(connection, 'client-to-server', `${head}${body}`);
  playing.send(connection, 'server-to-client', answer);
}

describe('over HTTP the stranger reads', () => {
  test('everything, and each cell leads to the bytes it was read from', () => {
    const playing = new Playing();
    playing.vector(readVector('http-login'));
    const found = notebook(playing, 'http');
    const texts = new Map([...found].map(([kind, finding]) => [kind, bytesOf(playing, finding)]));
    expect([...found.values()].every(({ status }) => status === 'read')).toBe(true);
    for (const [kind, text] of [
      ['site', 'piggypay.test'],
      ['page', '/api/v1/login'],
      ['mobile', '9800000012'],
      ['password', 'monsoon-42'],
      ['cookie', 'sid=7f3c9a1e5b2d'],
    ] as const) {
      expect([kind, texts.get(kind), found.get(kind)?.value]).toEqual([kind, text, text]);
    }
    expect(found.get('token')?.value).toMatch(/^eyJ/);
    expect(texts.get('token')).toBe(found.get('token')?.value);
    expect(found.get('reply')?.value).toBe('200 OK, Asha');
    expect(found.get('size')?.value).toBe('346 B out · 747 B in');
    expect(found.get('time')?.value).toBe('1.0 ms');
    expect(found.get('requests')?.value).toBe('3');
  });

  test('a form as well as JSON', () => {
    const playing = new Playing();
    post(playing, 'username=asha%40a.test&pwd=a+b%21c', 'application/x-www-form-urlencoded');
    const found = notebook(playing, 'http');
    expect([found.get('mobile')?.value, found.get('password')?.value]).toEqual(['asha@a.test', 'a b!c']);
    expect(bytesOf(playing, found.get('password'))).toBe('a+b%21c');
  });

  test('a login in the query of a GET', () => {
    const playing = new Playing();
    playing.send(
      playing.open(),
      'client-to-server',
      'GET /login?user=asha&pass=secret HTTP/1.1\r\nHost: a\r\n\r\n',
    );
    expect(notebook(playing, 'http').get('password')?.value).toBe('secret');
  });

  test('the newest login, and before there is one the newest request', () => {
    const playing = new Playing();
    playing.send(
      playing.open(),
      'client-to-server',
      'GET /start HTTP/1.1\r\nHost: a\r\nAuthorization: Basic eA==\r\n\r\n',
    );
    expect(notebook(playing, 'http').get('page')?.value).toBe('/start');
    expect(notebook(playing, 'http').get('token')?.value).toBe('Basic eA==');
    post(playing, '{"mobile":"1","password":"first"}', 'application/json');
    post(playing, '{"mobile":"2","password":"second"}', 'application/json');
    playing.send(playing.open(), 'client-to-server', 'GET /later HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(notebook(playing, 'http').get('password')?.value).toBe('second');
    expect(notebook(playing, 'http').get('page')?.value).toBe('/login');
  });

  test('a login that was refused', () => {
    const playing = new Playing();
    const answer =
      'HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}';
    post(playing, '{"mobile":"1","password":"wrong"}', 'application/json', answer);
    expect(notebook(playing, 'http').get('reply')?.value).toBe('401 Unauthorized');
    expect(notebook(playing, 'http').has('cookie')).toBe(false);
  });
});

describe.each(['tls13-login', 'tls12-login'])('over HTTPS (%s) the stranger', (name) => {
  const playing = new Playing();
  const connection = playing.vector(readVector(name), { port: 443 });
  const found = notebook(playing, 'https');

  test('learns the name, sizes, times and counts', () => {
    expect(found.get('site')).toMatchObject({ status: 'leaks', value: 'piggypay.test' });
    expect(bytesOf(playing, found.get('site'))).toBe('piggypay.test');
    expect(found.get('size')?.value).toMatch(/^\d+ B out · \d\.\d kB in$/);
    expect(found.get('time')?.status).toBe('leaks');
    expect(found.get('requests')).toMatchObject({ status: 'leaks', value: '≈ 3' });
  });

  test('finds the rest sealed, and every cell leads to a sealed record', () => {
    for (const kind of ['page', 'mobile', 'password', 'cookie', 'token', 'reply'] as const) {
      const finding = found.get(kind);
      expect(finding).toMatchObject({ status: 'sealed' });
      expect(finding).not.toHaveProperty('value');
      const record = playing.fold.message(`${connection}:${finding?.direction}:${finding?.start}`);
      expect(record).toMatchObject({ sealed: true, end: finding?.end, title: 'Application Data' });
    }
    expect(found.get('password')?.direction).toBe('client-to-server');
    expect(found.get('reply')?.direction).toBe('server-to-client');
  });
});

test('findings are those of the contract', () => {
  const playing = new Playing();
  playing.secret('password', 'monsoon-42');
  playing.vector(readVector('http-login'));
  const findings = playing.fold.findings();
  expect(findings.epoch).toBe(1000);
  expect(findings.lanes.http.verdict).toMatchObject({ needle: 'monsoon-42', found: 1 });
  expect(findings.lanes.http.findings).toEqual(playing.fold.view().lanes.http.findings);
});

test('what only the ends know cannot be handed to what the stranger’s notebook is made of', () => {
  const told: SecretEntered = {
    epoch: 1,
    seq: 1,
    time: 1,
    vantage: 'victim',
    type: 'secret-entered',
    kind: 'password',
    value: 'x',
  };
  const connections = new Connections();
  // @ts-expect-error Connections accept wire events only.
  const apply = () => connections.apply(told);
  expect(apply).toBeTypeOf('function');
});

test('the notebook is the same with and without what the ends told', () => {
  const findings = (told: boolean) => {
    const playing = new Playing();
    if (told) playing.secret('password', 'monsoon-42');
    playing.vector(readVector('http-login'));
    playing.vector(readVector('tls13-login'), { port: 443 });
    const { http, https } = playing.fold.view().lanes;
    return [http.findings, https.findings].map((list) =>
      list.map(({ kind, status, value, start }) => [kind, status, value, start]),
    );
  };
  expect(findings(true)).toEqual(findings(false));
});
