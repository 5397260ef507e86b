import { encode } from 'dns-packet';
import type { CaptureView } from '#folds/view.ts';
import { describe, expect, test } from 'vitest';
import { readVector } from '../../vectors/vector.ts';
import { Playing } from './events.ts';

const HTTP = readVector('http-login');
const TLS13 = readVector('tls13-login');
const HANDSHAKE_ONLY = readVector('tls13-retry');

function shown(view: CaptureView): readonly (readonly number[])[] {
  return [view.lanes.http.connections, view.lanes.https.connections].map((list) =>
    list.map(({ connection }) => connection),
  );
}

/** Every captured byte is in a message of a lane or in a parked connection. */
function expectNothingLost(playing: Playing): void {
  const view = playing.fold.view();
  const all = [
    ...view.lanes.http.messages,
    ...view.lanes.https.messages,
    ...view.other.flatMap(({ messages }) => messages),
  ];
  const captured = playing.events.reduce(
    (sum, event) => sum + (event.type === 'bytes-captured' ? event.bytes.length : 0),
    0,
  );
  expect(all.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(captured);
  expect(new Set(all.map(({ key }) => key)).size).toBe(all.length);
}

describe('what is shown', () => {
  test('every login of a lane, by time', () => {
    const playing = new Playing();
    playing.vector(HTTP);
    playing.vector(TLS13, { port: 443 });
    playing.vector(HTTP);
    expect(shown(playing.fold.view())).toEqual([[1, 3], [2]]);
    expect(playing.fold.view().lanes.http.messages).toHaveLength(12);
    expectNothingLost(playing);
  });

  test('by the protocol on the wire, whatever the port', () => {
    const playing = new Playing();
    playing.vector(TLS13, { port: 80 });
    playing.vector(HTTP, { port: 443 });
    expect(shown(playing.fold.view())).toEqual([[2], [1]]);
  });

  test('a connection from its first byte of a request on', () => {
    const playing = new Playing();
    const connection = playing.open();
    expect(playing.fold.view().other[0]?.reason).toContain('nothing was sent');
    playing.send(connection, 'client-to-server', 'GET /lo');
    expect(playing.fold.view().other).toEqual([]);
    expect(playing.fold.view().lanes.http.messages).toMatchObject([{ kind: 'request', complete: false }]);
  });

  test('messages of connections that overlap in time, in the order of time', () => {
    const playing = new Playing();
    const [one, two] = [playing.open(), playing.open()];
    playing.send(two, 'client-to-server', 'GET /2 HTTP/1.1\r\n\r\n');
    playing.send(one, 'client-to-server', 'GET /1 HTTP/1.1\r\n\r\n');
    playing.send(two, 'server-to-client', 'HTTP/1.1 204 Two\r\n\r\n');
    playing.send(one, 'server-to-client', 'HTTP/1.1 204 One\r\n\r\n');
    expect(playing.fold.view().lanes.http.messages.map(({ title }) => title)).toEqual([
      'GET /2',
      'GET /1',
      '204 Two',
      '204 One',
    ]);
  });
});

describe('what is parked', () => {
  test('a spare TCP connection', () => {
    const playing = new Playing();
    playing.close(playing.open({ opener: 'demo-browser' }));
    expect(playing.fold.view().other).toMatchObject([
      { connection: 1, reason: 'Opened and closed without a byte: a spare connection.' },
    ]);
  });

  test('a handshake without a request, once it is closed', () => {
    const playing = new Playing();
    playing.vector(HANDSHAKE_ONLY, { port: 443, leaveOpen: true });
    expect(shown(playing.fold.view())).toEqual([[], [1]]);
    playing.close(1);
    expect(shown(playing.fold.view())).toEqual([[], []]);
    expect(playing.fold.view().other).toMatchObject([
      { connection: 1, reason: 'A handshake and no request after it: a spare connection.' },
    ]);
    expectNothingLost(playing);
  });

  test('a handshake without a request, once the browser’s other connection carries the request', () => {
    const playing = new Playing();
    playing.vector(HANDSHAKE_ONLY, { port: 443, opener: 'demo-browser', leaveOpen: true });
    playing.vector(TLS13, { port: 443, opener: 'demo-browser', leaveOpen: true });
    expect(shown(playing.fold.view())).toEqual([[], [2]]);
    expect(playing.fold.view().other.map(({ connection }) => connection)).toEqual([1]);
    expectNothingLost(playing);
  });

  test('its bytes count and are searched all the same', () => {
    const playing = new Playing();
    playing.secret('password', 'monsoon-42');
    playing.vector(HANDSHAKE_ONLY, { port: 443 });
    const { https } = playing.fold.view().lanes;
    expect(https.messages).toEqual([]);
    expect(https.bytes).toBeGreaterThan(1000);
    expect(https.password.searchedBytes).toBe(https.bytes);
  });

  test('a handshake that failed, with the alert', () => {
    const playing = new Playing();
    playing.vector(readVector('tls12-refused'), { port: 443, opener: 'other' });
    expect(playing.fold.view().other[0]?.reason).toBe('The handshake failed: protocol_version.');
  });

  test('UDP, and bytes of no known protocol', () => {
    const playing = new Playing();
    const lookup = playing.open({ transport: 'udp', port: 53 });
    const question = { type: 'A', name: 'piggypay.test' } as const;
    playing.send(lookup, 'client-to-server', encode({ type: 'query', questions: [question] }));
    const answers = [{ ...question, data: '127.0.0.1' }];
    playing.send(lookup, 'server-to-client', encode({ type: 'response', questions: [question], answers }));
    playing.send(lookup, 'client-to-server', 'no DNS at all');
    playing.send(playing.open(), 'client-to-server', 'SSH-2.0-OpenSSH\r\n');
    const { other } = playing.fold.view();
    expect(other.map(({ reason }) => reason)).toEqual([
      'Name lookup (DNS): the name of the site in clear, before any connection to it.',
      'Neither TLS nor HTTP/1.1.',
    ]);
    expect(other[0]?.messages.map(({ title }) => title)).toEqual([
      'Query A piggypay.test',
      'Response A piggypay.test',
      'Datagram',
    ]);
    expectNothingLost(playing);
  });

  test('a favicon and its answer, out of a connection that is shown', () => {
    const playing = new Playing();
    const connection = playing.open({ opener: 'demo-browser' });
    playing.send(connection, 'client-to-server', 'GET / HTTP/1.1\r\n\r\n');
    playing.send(connection, 'server-to-client', 'HTTP/1.1 204 A\r\n\r\n');
    playing.send(connection, 'client-to-server', 'GET /favi');
    playing.send(connection, 'client-to-server', 'con.ico HTTP/1.1\r\n\r\n');
    playing.send(connection, 'server-to-client', 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
    const view = playing.fold.view();
    expect(view.lanes.http.messages.map(({ title }) => title)).toEqual(['GET /', '204 A']);
    expect(view.other).toMatchObject([{ connection, reason: 'Favicon: the browser asks for it by itself.' }]);
    expect(view.other[0]?.messages.map(({ title }) => title)).toEqual(['GET /favicon.ico', '404 Not Found']);
    expectNothingLost(playing);
  });

  test('a connection that carried a favicon only, as a whole', () => {
    const playing = new Playing();
    const connection = playing.open({ opener: 'demo-browser' });
    playing.send(connection, 'client-to-server', 'GET /favicon.ico HTTP/1.1\r\n\r\n');
    const view = playing.fold.view();
    expect(view.lanes.http.connections).toEqual([]);
    expect(view.other).toHaveLength(1);
    expectNothingLost(playing);
    playing.send(connection, 'client-to-server', 'GET / HTTP/1.1\r\n\r\n');
    expect(shown(playing.fold.view())).toEqual([[connection], []]);
    expectNothingLost(playing);
  });
});
