import { MOST_HITS } from '#folds/hit-list.ts';
import { expect, test } from 'vitest';
import { readVector } from '../../vectors/vector.ts';
import { Playing } from './events.ts';

const HTTP = readVector('http-login');
const REQUEST = 'GET /?q=monsoon-42 HTTP/1.1\r\n\r\n';

test('messages and hits go with their bytes, counts stay', () => {
  const playing = new Playing();
  playing.secret('password', 'monsoon-42');
  const connection = playing.open();
  for (let count = 0; count < 500; count += 1) {
    playing.send(connection, 'client-to-server', REQUEST);
    playing.evict(connection, 'client-to-server', (count - 1) * REQUEST.length, count * REQUEST.length);
  }
  const { http } = playing.fold.view().lanes;
  expect(http.messages.map(({ start }) => start)).toEqual([499 * REQUEST.length]);
  expect(http.hits.map(({ start }) => start)).toEqual([499 * REQUEST.length + 8]);
  expect(http.password).toMatchObject({ found: 500, searchedBytes: 500 * REQUEST.length });
  expect(http).toMatchObject({ bytes: 500 * REQUEST.length, evictedBytes: 499 * REQUEST.length });
  expect(playing.fold.message(`${connection}:client-to-server:0`)).toBeUndefined();
});

test('a message that is still arriving stays, and goes on', () => {
  const playing = new Playing();
  const connection = playing.open();
  const head = 'POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n';
  playing.send(connection, 'client-to-server', head);
  playing.evict(connection, 'client-to-server', 0, head.length);
  playing.send(connection, 'client-to-server', 'abcd');
  expect(playing.fold.view().lanes.http.messages).toMatchObject([
    { title: 'POST /', complete: true, end: head.length + 4 },
  ]);
});

test('a closed connection of which nothing is left is forgotten, but not what it added up to', () => {
  const playing = new Playing();
  playing.secret('password', 'monsoon-42');
  for (let count = 0; count < 300; count += 1) {
    const connection = playing.open();
    playing.send(connection, 'client-to-server', REQUEST);
    // The end may come before the bytes go or after.
    if (count % 2 === 0) playing.close(connection);
    playing.evict(connection, 'client-to-server', 0, REQUEST.length);
    if (count % 2 === 1) playing.close(connection);
  }
  const view = playing.fold.view();
  expect(view.lanes.http).toMatchObject({ messages: [], connections: [], hits: [], findings: [] });
  expect(view.other).toEqual([]);
  expect(view.lanes.http.password).toMatchObject({ found: 300, searchedBytes: 300 * REQUEST.length });
  expect(view.lanes.http).toMatchObject({ bytes: 300 * REQUEST.length, evictedBytes: 300 * REQUEST.length });
});

test('the notebook no longer reads a login that the log dropped', () => {
  const playing = new Playing();
  const connection = playing.vector(HTTP);
  const kinds = () => playing.fold.view().lanes.http.findings.map(({ kind }) => kind);
  expect(kinds()).toContain('password');
  playing.evict(connection, 'client-to-server', 0, 1 << 20);
  expect(kinds()).not.toContain('password');
  playing.evict(connection, 'server-to-client', 0, 1 << 20);
  expect(kinds()).toEqual([]);
});

test('spare connections are listed up to a bound', () => {
  const playing = new Playing();
  for (let count = 0; count < 1000; count += 1) playing.close(playing.open());
  const { other } = playing.fold.view();
  expect(other.length).toBeLessThanOrEqual(256);
  expect(other.at(-1)?.connection).toBe(1000);
});

test('a connection known only from what was dropped is not called spare', () => {
  const playing = new Playing();
  const connection = playing.open();
  playing.evict(connection, 'client-to-server', 0, 500);
  expect(playing.fold.view().other).toMatchObject([
    { reason: 'What it carried was dropped to bound the log.' },
  ]);
  playing.close(connection);
  expect(playing.fold.view().other).toEqual([]);
});

test('a secret that is everywhere is counted everywhere and kept in a bounded number of places', () => {
  const playing = new Playing();
  const megabyte = new Uint8Array(1 << 20).fill(0x61);
  const connection = playing.open();
  playing.secret('password', 'aaaa');
  const head = `POST / HTTP/1.1\r\nContent-Length: ${8 << 20}\r\n\r\n`;
  playing.send(connection, 'client-to-server', head);
  for (let count = 0; count < 8; count += 1) playing.send(connection, 'client-to-server', megabyte);
  const { http } = playing.fold.view().lanes;
  expect(http.password.found).toBe((8 << 20) / 4);
  expect(http.hits).toHaveLength(MOST_HITS);
  expect(http.hits.at(-1)?.end).toBe(head.length + (8 << 20));
});
