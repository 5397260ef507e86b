import { expect, test } from 'vitest';
import { KeyLog } from '#keys/key-log.ts';
import { SpokenHandshake } from '#keys/schedule/spoken-handshake.ts';
import { readVector, streamOf } from '../../../vectors/vector.ts';

const CLIENT = 'client-to-server';
const SERVER = 'server-to-client';
const vector = readVector('rfc8448-hellos');
const hello = streamOf(vector, CLIENT).subarray(5);
const answer = streamOf(vector, SERVER);

/** The ClientHello in records of so many bytes each, then the ServerHello. */
function spoken(size: number): SpokenHandshake {
  const handshake = new SpokenHandshake(new KeyLog());
  let start = 0;
  for (let at = 0; at < hello.length; at += size) {
    const content = hello.subarray(at, at + size);
    const record = Uint8Array.of(22, 3, 1, content.length >> 8, content.length & 255, ...content);
    handshake.push(CLIENT, start, record);
    start += record.length;
  }
  handshake.push(SERVER, 0, answer);
  return handshake;
}

test('a message over several records has a place in each, without their headers', () => {
  const [message] = spoken(100).messages;
  expect(message?.bytes).toEqual(hello);
  expect(message?.places()).toEqual([
    { start: 5, end: 105 },
    { start: 110, end: 206 },
  ]);
  expect(message?.places({ start: 98, end: 103 })).toEqual([
    { start: 103, end: 105 },
    { start: 110, end: 113 },
  ]);
});

test('however it is cut into records, the transcript is the same', () => {
  const [, whole] = spoken(hello.length).messages;
  expect(whole?.transcript).toHaveLength(32);
  for (const size of [1, 3, 4, 5, 64, 195])
    expect(spoken(size).messages.map(({ transcript }) => transcript)).toEqual([undefined, whole?.transcript]);
});

test('where a record may be missing there is no transcript any more', () => {
  const handshake = new SpokenHandshake(new KeyLog());
  handshake.push(CLIENT, 0, streamOf(vector, CLIENT));
  handshake.lose(SERVER);
  handshake.push(SERVER, 1, answer);
  expect(handshake.messages.map(({ type }) => type)).toEqual([1]);
  expect(handshake.isOver).toBe(false);
  handshake.lose(CLIENT);
  expect(handshake.isOver).toBe(true);
});

test('sealed, nothing more is heard, and no later message passes for an earlier one', () => {
  const handshake = spoken(hello.length);
  handshake.push(SERVER, answer.length, Uint8Array.of(23, 3, 3, 0, 20, ...new Uint8Array(20)));
  handshake.push(SERVER, answer.length + 25, answer);
  expect(handshake.messages).toHaveLength(2);
});
