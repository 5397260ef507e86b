import { gzipSync } from 'node:zlib';
import { findField } from '#dissectors/byte-reader.ts';
import { expect, test } from 'vitest';
import { readVector, type Vector } from '../../vectors/vector.ts';
import { Playing } from './events.ts';

function played(vector: Vector, pieces?: number) {
  const playing = new Playing();
  playing.vector(vector, pieces === undefined ? {} : { pieces });
  const { http } = playing.fold.view().lanes;
  return { fold: playing.fold, messages: http.messages };
}

test('the frames of a chat are shown in the lane of its connection, by time', () => {
  const { messages } = played(readVector('websocket-chat'));
  const titles = messages.map(({ title }) => title);
  expect(titles.slice(0, 4)).toEqual([
    'GET /chat',
    '101 Switching Protocols',
    'Text “{"from":"Asha","text":"my card is lost"}”',
    'Text “{"from":"PiggyPay","text":"Hello Asha, …”',
  ]);
  expect(titles.filter((title) => title.startsWith('Close'))).toHaveLength(2);
  expect(messages.slice(2).every(({ protocol, kind }) => protocol === 'websocket' && kind === 'frame')).toBe(
    true,
  );
});

test('a masked frame has two dissections: as sent, and unmasked down to the value', () => {
  for (const pieces of [undefined, 3]) {
    const { fold, messages } = played(readVector('websocket-chat'), pieces);
    const said = messages.find(({ title }) => title.includes('Asha'));
    const [sent, unmasked, ...more] = said ? fold.dissectAll(said) : [];
    expect(more).toEqual([]);
    expect(sent && findField(sent.field, 'websocket.masked_payload')).toBeDefined();
    expect(unmasked?.source).toBe('decoded');
    expect(unmasked && findField(unmasked.field, 'json.value.string')).toMatchObject({ value: 'Asha' });
  }
});

test('an answer in chunks or compressed has its body behind what was on the wire', () => {
  const { fold, messages } = played(readVector('http-bodies'));
  const titles = messages.map((message) =>
    fold.dissectAll(message).map(({ source, title }) => title ?? source),
  );
  expect(titles.filter((list) => list.length > 1)).toEqual([
    ['reassembled', 'Body, put together from 3 chunks'],
    ['wire', 'Body, gzip undone'],
    ['wire', 'Body, put together from 2 chunks, br undone'],
  ]);
});

test('a message whose beginning was dropped has nothing behind it', () => {
  const body = gzipSync('x'.repeat(10_000), { level: 0 });
  const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`;
  const bytes = Uint8Array.from(Buffer.concat([Buffer.from(head), body]));
  const request = new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n');
  const playing = new Playing();
  playing.vector({
    name: '',
    source: '',
    chunks: [
      { direction: 'client-to-server', bytes: request },
      { direction: 'server-to-client', bytes },
    ],
  });
  const answer = playing.fold.view().lanes.http.messages[1];
  expect(answer && playing.fold.dissectAll(answer)).toHaveLength(2);
  if (!answer) return;
  playing.evict(answer.connection, 'server-to-client', 0, 100);
  expect(playing.fold.dissectAll(answer)).toHaveLength(1);
});
