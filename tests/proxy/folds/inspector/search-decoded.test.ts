import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { InspectorIndex } from '#folds/inspector/message-index.ts';
import { Needle, spelledBytes } from '#folds/inspector/needle.ts';
import { Playing } from '../events.ts';

function found(play: Playing, text: string): readonly string[] {
  const index = new InspectorIndex();
  for (const event of play.events) index.apply(event);
  index.setFilter({ text });
  index.advance(() => false);
  return index.rows(0, index.matching).map(({ title }) => title);
}

test('finds a text in a body whose compression is undone, and across its chunks', () => {
  const play = new Playing();
  const connection = play.open();
  const packed = gzipSync('the balance is twelve thousand '.repeat(3));
  play.send(connection, 'client-to-server', 'GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n');
  play.send(
    connection,
    'server-to-client',
    Buffer.concat([
      Buffer.from(
        `HTTP/1.1 200 Packed\r\nContent-Encoding: gzip\r\nContent-Length: ${packed.length}\r\n\r\n`,
      ),
      packed,
    ]),
  );
  play.send(
    connection,
    'server-to-client',
    'HTTP/1.1 201 Chunked\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ntwel\r\n2\r\nve\r\n0\r\n\r\n',
  );
  expect(found(play, 'Twelve')).toEqual(['200 Packed', '201 Chunked']);
  expect(found(play, 'thirteen')).toEqual([]);
});

test('finds a line of a chat that is masked on the wire', () => {
  const play = new Playing();
  const connection = play.open();
  play.send(
    connection,
    'client-to-server',
    'GET /support HTTP/1.1\r\nHost: piggypay.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  play.send(
    connection,
    'server-to-client',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
  );
  // Beyond what the title quotes.
  const line = `${'well, '.repeat(12)}open sesame`;
  const key = [1, 2, 3, 4];
  const payload = Buffer.from(line).map((byte, at) => byte ^ (key[at % 4] ?? 0));
  play.send(connection, 'client-to-server', Uint8Array.of(0x81, 0x80 | payload.length, ...key, ...payload));
  expect(found(play, 'sesame')).toHaveLength(1);
});

test('takes what is spelled in hex for bytes as well as for a text', () => {
  const play = new Playing();
  const connection = play.open();
  play.send(connection, 'client-to-server', 'GET /bytes HTTP/1.1\r\nX: monsoon\r\n\r\n');
  play.send(connection, 'client-to-server', 'GET /6d6f6e73 HTTP/1.1\r\n\r\n');
  expect(found(play, '6d6f6e73')).toEqual(['GET /bytes', 'GET /6d6f6e73']);
  expect(found(play, '6D 6F:6e')).toEqual(['GET /bytes']);
  // As bytes, case counts.
  expect(found(play, '4d 6f 6e')).toEqual([]);
});

test.each([
  ['17 03 03', [0x17, 3, 3]],
  ['17:03:03', [0x17, 3, 3]],
  ['0x1703', [0x17, 3]],
  ['deadbeef', [0xde, 0xad, 0xbe, 0xef]],
  ['face', undefined],
  ['17', undefined],
  ['17 0', undefined],
  ['monsoon', undefined],
])('%j spells %j', (text, bytes) => {
  expect(spelledBytes(text)).toEqual(bytes && Uint8Array.from(bytes));
});

test('a needle of bytes is in no text, and in bytes only as it is', () => {
  const needle = new Needle(Uint8Array.of(0x61, 0xff));
  expect(needle.isInText('a\u00ff')).toBe(false);
  expect(needle.isInBytes(Uint8Array.of(0x41, 0xff, 0x61, 0xff))).toBe(true);
  expect(needle.isInBytes(Uint8Array.of(0x41, 0xff))).toBe(false);
});

test('counts what matches per connection, while that is what the filter narrows', () => {
  const play = new Playing();
  const [one, other] = [play.open(), play.open()];
  play.send(one, 'client-to-server', 'GET /tea HTTP/1.1\r\n\r\nGET /tea HTTP/1.1\r\n\r\n');
  play.send(other, 'client-to-server', 'GET /milk HTTP/1.1\r\n\r\n');
  const index = new InspectorIndex();
  for (const event of play.events) index.apply(event);
  expect(index.matchesPerConnection).toBeUndefined();
  index.setFilter({ text: 'tea' });
  index.advance(() => false);
  const counts = index.matchesPerConnection;
  expect([...(counts ?? [])]).toEqual([[one, 2]]);
  expect(index.matchesPerConnection).toBe(counts);
  play.send(other, 'client-to-server', 'GET /tea HTTP/1.1\r\n\r\n');
  play.evict(one, 'client-to-server', 0, 22);
  for (const event of play.events.slice(-2)) index.apply(event);
  index.advance(() => false);
  expect([...(index.matchesPerConnection ?? [])]).toEqual([
    [one, 1],
    [other, 1],
  ]);
  index.setFilter({ text: 'tea', connection: one });
  expect(index.matchesPerConnection).toBeUndefined();
});
