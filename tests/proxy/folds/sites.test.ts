import { describe, expect, test } from 'vitest';
import { readVector } from '../../vectors/vector.ts';
import { Playing } from './events.ts';

const TLS13 = readVector('tls13-login');

function request(playing: Playing, name: string, text: string): number {
  const connection = playing.open({ name, opener: 'other' });
  playing.send(connection, 'client-to-server', text);
  playing.send(connection, 'server-to-client', 'HTTP/1.1 204 No Content\r\n\r\n');
  return connection;
}

function login(playing: Playing, name: string, password: string): number {
  const body = JSON.stringify({ user: 'asha', password });
  const type = 'Content-Type: application/json';
  const head = `POST /login HTTP/1.1\r\nHost: ${name}\r\n${type}\r\nContent-Length: ${body.length}\r\n\r\n`;
  return request(playing, name, head + body);
}

/** A sealed record of so many bytes. */
function record(length: number): Uint8Array {
  return Uint8Array.of(23, 3, 3, length >> 8, length & 255, ...Array.from({ length }, () => 0xa5));
}

/** A page over HTTPS and a request after it, as far as can be told from outside. */
function sealedLogin(playing: Playing, name: string): number {
  const connection = playing.vector(TLS13, { port: 443, name, leaveOpen: true });
  playing.send(connection, 'client-to-server', record(200));
  playing.send(connection, 'server-to-client', record(3000));
  playing.send(connection, 'client-to-server', record(300));
  return connection;
}

function shownIn(playing: Playing) {
  const { http, https } = playing.fold.view().lanes;
  return [http, https].map(({ connections }) => connections.map(({ connection }) => connection));
}

describe('where several sites are visited, the lanes show one:', () => {
  test('that of the newest login, and say where the rest is', () => {
    const playing = new Playing();
    const own = login(playing, 'own.test', 'first-one');
    const sealed = sealedLogin(playing, 'piggypay.test');
    expect(playing.fold.view()).toMatchObject({
      site: 'piggypay.test',
      sites: ['own.test', 'piggypay.test'],
    });
    expect(shownIn(playing)).toEqual([[], [sealed]]);
    expect(playing.fold.view().other).toMatchObject([
      { connection: own, reason: 'Another site than the one in the lanes, where it can be chosen.' },
    ]);
    expect(playing.fold.view().other[0]?.messages.map(({ title }) => title)).toEqual([
      'POST /login',
      '204 No Content',
    ]);
    login(playing, 'own.test', 'second-one');
    expect(playing.fold.view().site).toBe('own.test');
  });

  test('no request to another site takes the lanes from a login', () => {
    const playing = new Playing();
    const first = login(playing, 'piggypay.test', 'monsoon-42');
    request(playing, 'own.test', 'GET / HTTP/1.1\r\nHost: own.test\r\n\r\n');
    expect(playing.fold.view().site).toBe('piggypay.test');
    expect(shownIn(playing)).toEqual([[first], []]);
  });

  test('nor does a single answer over HTTPS, however long', () => {
    const playing = new Playing();
    login(playing, 'piggypay.test', 'monsoon-42');
    const other = playing.vector(TLS13, { port: 443, name: 'own.test', leaveOpen: true });
    playing.send(other, 'client-to-server', record(200));
    playing.send(other, 'server-to-client', record(9000));
    expect(playing.fold.view().site).toBe('piggypay.test');
  });

  test('before any login, that of the newest request', () => {
    const playing = new Playing();
    request(playing, 'one.test', 'GET / HTTP/1.1\r\n\r\n');
    request(playing, 'two.test', 'GET / HTTP/1.1\r\n\r\n');
    playing.open({ name: 'one.test' });
    expect(playing.fold.view().site).toBe('two.test');
  });

  test('the one that is chosen, until nothing of it is left', () => {
    const playing = new Playing();
    const one = login(playing, 'one.test', 'monsoon-42');
    const two = login(playing, 'two.test', 'monsoon-42');
    playing.fold.showSite('one.test');
    expect(shownIn(playing)).toEqual([[one], []]);
    expect(playing.fold.view().other.map(({ connection }) => connection)).toEqual([two]);
    playing.fold.showSite(undefined);
    expect(shownIn(playing)).toEqual([[two], []]);
    playing.fold.showSite('nowhere.test');
    expect(playing.fold.view().site).toBe('two.test');
  });
});

describe('what is said of a site', () => {
  const playing = new Playing();
  playing.secret('password', 'monsoon-42');
  const clear = login(playing, 'piggypay.test', 'monsoon-42');
  playing.vector(TLS13, { port: 443, name: 'piggypay.test' });
  login(playing, 'own.test', 'another-password');
  const other = playing.vector(TLS13, { port: 443, name: 'own.test' });

  test('in the notebook is of its own connections, over HTTP and over HTTPS', () => {
    const { http, https } = playing.fold.view().lanes;
    expect(http.findings.find(({ kind }) => kind === 'password')?.value).toBe('another-password');
    expect(new Set(https.findings.map(({ connection }) => connection))).toEqual(new Set([other]));
    playing.fold.showSite('piggypay.test');
    const back = playing.fold.view().lanes.http;
    expect(back.findings.find(({ kind }) => kind === 'password')?.value).toBe('monsoon-42');
    expect(new Set(back.findings.map(({ connection }) => connection))).toEqual(new Set([clear]));
    playing.fold.showSite(undefined);
  });

  test('in the verdict is of its own bytes', () => {
    const { http } = playing.fold.view().lanes;
    expect(http.password).toMatchObject({ needle: 'monsoon-42', found: 0, searchedBytes: http.bytes });
    playing.fold.showSite('piggypay.test');
    expect(playing.fold.view().lanes.http.password).toMatchObject({ found: 1 });
    playing.fold.showSite(undefined);
  });

  test('leaves the places of entered secrets known anywhere, so that they can be hidden', () => {
    const { hits } = playing.fold.view().lanes.http;
    expect(hits.map(({ connection }) => connection)).toEqual([clear]);
  });

  test('in the findings is of the newest login', () => {
    const { http } = playing.fold.findings().lanes;
    expect(http.findings.find(({ kind }) => kind === 'site')?.value).toBe('own.test');
  });
});

test('nothing is lost between the lanes and the other traffic, whichever site is chosen', () => {
  const playing = new Playing();
  for (const name of ['one.test', 'two.test', 'three.test']) {
    login(playing, name, 'monsoon-42');
    playing.vector(TLS13, { port: 443, name });
  }
  const captured = playing.events.reduce(
    (sum, event) => sum + (event.type === 'bytes-captured' ? event.bytes.length : 0),
    0,
  );
  for (const site of playing.fold.view().sites) {
    playing.fold.showSite(site);
    const { lanes, other } = playing.fold.view();
    const all = [
      ...lanes.http.messages,
      ...lanes.https.messages,
      ...other.flatMap(({ messages }) => messages),
    ];
    expect(new Set(all.map(({ key }) => key)).size).toBe(all.length);
    expect(all.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(captured);
  }
});
