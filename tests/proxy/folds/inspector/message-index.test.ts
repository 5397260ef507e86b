import { describe, expect, test } from 'vitest';
import type { LogEvent } from '#contract';
import { InspectorIndex } from '#folds/inspector/message-index.ts';
import type { MessageFilter } from '#folds/inspector/shapes.ts';
import { readVector } from '../../../vectors/vector.ts';
import { Playing } from '../events.ts';

const NEVER = (): boolean => false;
const AT_ONCE = (): boolean => true;

function taking(events: readonly LogEvent[], index = new InspectorIndex()): InspectorIndex {
  for (const event of events) index.apply(event);
  return index;
}

function titles(index: InspectorIndex, filter?: MessageFilter): readonly string[] {
  if (filter) index.setFilter(filter);
  index.advance(NEVER);
  return index.rows(0, index.matching).map(({ title }) => title);
}

/** A login over HTTP on connection 1, one over TLS on connection 2. */
function twoLogins(): Playing {
  const play = new Playing();
  play.vector(readVector('http-login'));
  play.vector(readVector('tls13-login'), { port: 443 });
  return play;
}

describe('the list', () => {
  test('holds every message of every connection by time of its first byte', () => {
    const play = new Playing();
    const [one, other] = [play.open(), play.open()];
    play.send(one, 'client-to-server', 'GET /a HTTP/1.1\r\n');
    play.send(other, 'client-to-server', 'GET /b HTTP/1.1\r\n\r\n');
    play.send(one, 'client-to-server', '\r\n');
    const index = taking(play.events);
    expect(titles(index)).toEqual(['GET /a', 'GET /b']);
    const [first, second] = index.rows(0, 2);
    expect(first).toMatchObject({
      index: 0,
      key: '1:client-to-server:0',
      host: 'piggypay.test',
      lane: 'http',
    });
    expect(second).toMatchObject({ index: 1, start: 0, end: 19, complete: true });
  });

  test('gives a stretch of itself, and nothing beyond its ends', () => {
    const index = taking(twoLogins().events);
    const all = titles(index);
    expect(all.length).toBeGreaterThan(6);
    expect(index.rows(2, 4).map(({ title }) => title)).toEqual(all.slice(2, 4));
    expect(index.rows(-5, 1)).toHaveLength(1);
    expect(index.rows(all.length, all.length + 9)).toEqual([]);
  });

  test('says what a row became while it arrives', () => {
    const play = new Playing();
    const connection = play.open();
    const index = taking(play.events);
    play.send(connection, 'client-to-server', 'GE');
    taking(play.events.slice(-1), index);
    expect(titles(index)).toEqual(['Arriving']);
    play.send(connection, 'client-to-server', 'T /late HTTP/1.1\r\n\r\n');
    taking(play.events.slice(-1), index);
    expect(titles(index)).toEqual(['GET /late']);
    expect(index.total).toBe(1);
  });

  test('starts over with a new epoch, and keeps its filter', () => {
    const play = twoLogins();
    const index = taking(play.events);
    index.setFilter({ text: 'again' });
    play.start(2000);
    const connection = play.open();
    play.send(connection, 'client-to-server', 'GET /again HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n');
    const before = index.turn;
    taking(play.events.slice(-3), index);
    expect(index).toMatchObject({ epoch: 2000, total: 2, turn: before + 1 });
    expect(titles(index)).toEqual(['GET /again']);
  });
});

describe('the filter', () => {
  test('narrows by what the columns hold', () => {
    const index = taking(twoLogins().events);
    const total = titles(index).length;
    const http = titles(index, { lane: 'http' });
    const https = titles(index, { lane: 'https' });
    expect(http).toContain('POST /api/v1/login');
    expect(https).toContain('ClientHello');
    expect(http.length + https.length).toBe(total);
    expect(titles(index, { protocol: 'tls' })).toEqual(https);
    expect(titles(index, { connection: 1 })).toEqual(http);
    expect(titles(index, { connection: 1, protocol: 'tls' })).toEqual([]);
    expect(titles(index, { host: 'piggypay.test' })).toHaveLength(total);
    expect(titles(index, { host: 'elsewhere.test' })).toEqual([]);
    expect(titles(index, {})).toHaveLength(total);
  });

  test('finds text in titles, in details and in bytes, whatever its case', () => {
    const index = taking(twoLogins().events);
    expect(titles(index, { text: 'clienthello' })).toEqual(['ClientHello']);
    expect(titles(index, { text: 'ASKS FOR' })).toEqual(['ClientHello']);
    expect(titles(index, { text: '"MOBILE"' })).toContain('POST /api/v1/login');
    expect(titles(index, { text: '"MOBILE"', lane: 'https' })).toEqual([]);
    expect(titles(index, { text: 'nowhere to be found' })).toEqual([]);
  });

  test('finds text that chunks and stretches of a long body cut in two', () => {
    const play = new Playing();
    const connection = play.open();
    const length = 3 * 1024 * 1024;
    play.send(connection, 'client-to-server', `POST / HTTP/1.1\r\nContent-Length: ${length}\r\n\r\n`);
    const head = play.events.at(-1);
    const headLength = head?.type === 'bytes-captured' ? head.bytes.length : 0;
    const filler = 'x'.repeat(512 * 1024 - headLength - 3);
    // The searched stretches are of 512 KiB, so this lies across the first border between two, and in two chunks.
    play.send(connection, 'client-to-server', `${filler}mon`);
    play.send(connection, 'client-to-server', `SOON${'y'.repeat(1000)}`);
    const index = taking(play.events);
    expect(titles(index, { text: 'monsoon' })).toEqual(['POST /']);
    expect(titles(index, { text: 'monsoons' })).toEqual([]);
  });

  test('follows a message that grows until its text is there, searching each byte about once', () => {
    const play = new Playing();
    const connection = play.open();
    play.send(connection, 'client-to-server', 'POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nmons');
    const index = taking(play.events);
    expect(titles(index, { text: 'monsoon' })).toEqual([]);
    play.send(connection, 'client-to-server', 'oon');
    taking(play.events.slice(-1), index);
    expect(titles(index)).toEqual(['POST /']);
    play.send(connection, 'client-to-server', 'and more');
    taking(play.events.slice(-1), index);
    expect(titles(index)).toEqual(['POST /']);
  });

  test('lets messages in, and out again, when they turn out to be something else', () => {
    const play = new Playing();
    const connection = play.open();
    play.send(connection, 'client-to-server', 'GE');
    const index = taking(play.events);
    expect(titles(index, { protocol: 'unknown' })).toEqual(['Arriving']);
    play.send(connection, 'client-to-server', 'T / HTTP/1.1\r\n\r\n');
    taking(play.events.slice(-1), index);
    expect(titles(index)).toEqual([]);
    expect(titles(index, { protocol: 'http1' })).toEqual(['GET /']);
  });

  test('goes on in steps when its time is up, and comes to the same', () => {
    const play = new Playing();
    const connection = play.open();
    for (let count = 0; count < 1000; count++) {
      play.send(connection, 'client-to-server', `GET /${count} HTTP/1.1\r\n\r\n`);
    }
    const index = taking(play.events);
    index.setFilter({ text: '/99' });
    let steps = 1;
    while (!index.advance(AT_ONCE)) steps += 1;
    expect(steps).toBeGreaterThan(10);
    expect(index.isUpToDate).toBe(true);
    expect(index.rows(0, 99).map(({ index: place }) => place)).toEqual([
      99, 990, 991, 992, 993, 994, 995, 996, 997, 998, 999,
    ]);
  });
});

describe('what the log dropped', () => {
  test('is no longer listed, counted or found', () => {
    const play = new Playing();
    const connection = play.open();
    play.send(connection, 'client-to-server', 'GET /old HTTP/1.1\r\n\r\n');
    const end = 'GET /old HTTP/1.1\r\n\r\n'.length;
    play.send(connection, 'client-to-server', 'GET /new HTTP/1.1\r\n\r\n');
    const index = taking(play.events);
    expect(titles(index)).toEqual(['GET /old', 'GET /new']);
    play.evict(connection, 'client-to-server', 0, end);
    taking(play.events.slice(-1), index);
    expect(titles(index)).toEqual(['GET /new']);
    expect(index.total).toBe(1);
    expect(index.rows(0, 1)[0]?.index).toBe(0);
    expect(index.place('1:client-to-server:0')).toBe('not listed');
    expect(index.dissect('1:client-to-server:0')).toEqual([]);
  });

  test('takes connections and hosts along, and what was still arriving on them', () => {
    const play = new Playing();
    const connection = play.open();
    play.send(connection, 'client-to-server', 'GET /never');
    play.evict(connection, 'client-to-server', 0, 10);
    play.close(connection);
    const index = taking(play.events);
    expect(titles(index)).toEqual([]);
    expect(index.total).toBe(0);
    expect(index.hosts).toEqual([]);
    expect(index.takeConnectionChanges()).toEqual({ changed: [], gone: [connection] });
  });

  test('of many is forgotten page by page, and the rest keeps its places', () => {
    const play = new Playing();
    const connection = play.open();
    const request = (count: number): string => `GET /${String(count).padStart(5, '0')} HTTP/1.1\r\n\r\n`;
    const { length } = request(0);
    for (let count = 0; count < 10_000; count++) play.send(connection, 'client-to-server', request(count));
    play.evict(connection, 'client-to-server', 0, 9000 * length);
    const index = taking(play.events);
    expect(index.total).toBe(1000);
    expect(titles(index)).toHaveLength(1000);
    expect(index.rows(998, 1000)).toMatchObject([
      { index: 998, title: 'GET /09998' },
      { index: 999, title: 'GET /09999' },
    ]);
  });
});

describe('a message that is looked for', () => {
  test('has a place when the filter lets it through, and waits until the filter has come to it', () => {
    const index = taking(twoLogins().events);
    const row = index.holding({ connection: 2, direction: 'client-to-server', start: 3, end: 4 });
    expect(row?.title).toBe('ClientHello');
    const key = row?.key ?? '';
    expect(index.place(key)).toBe('undecided');
    index.advance(NEVER);
    expect(index.place(key)).toBe(row?.index);
    index.setFilter({ protocol: 'tls' });
    index.advance(NEVER);
    expect(index.place(key)).toBe(0);
    index.setFilter({ protocol: 'http1' });
    index.advance(NEVER);
    expect(index.place(key)).toBe('not listed');
    expect(index.row(key)?.title).toBe('ClientHello');
  });

  test('is taken apart, wire first', () => {
    const index = taking(twoLogins().events);
    const row = index.holding({ connection: 1, direction: 'client-to-server', start: 0, end: 1 });
    const [wire] = index.dissect(row?.key ?? '');
    expect(wire?.source).toBe('wire');
    expect(wire?.bytes).toHaveLength((row?.end ?? 0) - (row?.start ?? 0));
    expect(wire?.field.name).toBe('http');
  });

  test('is none where nothing was captured', () => {
    const index = taking(twoLogins().events);
    const nowhere = { connection: 1, direction: 'client-to-server', start: 1e9, end: 2e9 } as const;
    expect(index.holding(nowhere)).toBeUndefined();
    expect(index.holding({ ...nowhere, connection: 77 })).toBeUndefined();
  });
});

test('tells of connections what changed since it was asked last', () => {
  const play = new Playing();
  const connection = play.open();
  const index = taking(play.events);
  expect(index.takeConnectionChanges().changed).toMatchObject([{ connection, messages: 0, lane: 'http' }]);
  expect(index.takeConnectionChanges()).toEqual({ changed: [], gone: [] });
  play.send(connection, 'client-to-server', 'GET / HTTP/1.1\r\n\r\n');
  play.close(connection);
  taking(play.events.slice(-2), index);
  expect(index.takeConnectionChanges().changed).toMatchObject([
    { connection, messages: 1, bytes: 18, closedAt: play.seq * 1e6 },
  ]);
  expect(index.hosts).toEqual(['piggypay.test']);
});
