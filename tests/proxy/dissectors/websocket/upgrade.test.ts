import { createHash, randomBytes } from 'node:crypto';
import { acceptFor } from '#dissectors/websocket/accept.ts';
import { describe, expect, test } from 'vitest';
import { answered, dissect, inPieces, sent, timeless } from '../feeding.ts';
import { bytes, fromClient, fromServer, handshake } from './frames.ts';

const HELLO_MASKED = '81 85 37 fa 21 3d 7f 9f 4d 51 58';
const HELLO = '81 05 48 65 6c 6c 6f';

test('the answer to a key is the one of RFC 6455, 1.3, and what OpenSSL computes for any other', () => {
  expect(acceptFor('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  for (let length = 0; length < 70; length++) {
    const key = randomBytes(length).toString('hex');
    const theirs = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    expect(acceptFor(key)).toBe(theirs);
  }
});

describe('after a 101', () => {
  test('that accepts what was asked for, both directions are frames', () => {
    const chunks = [...handshake(), fromClient(HELLO_MASKED), fromServer(HELLO)];
    const messages = dissect(chunks);
    expect(messages.map(({ protocol, title }) => `${protocol} ${title}`)).toEqual([
      'http1 GET /chat',
      'http1 101 Switching Protocols',
      'websocket Text “Hello”',
      'websocket Text “Hello”',
    ]);
    expect(timeless(dissect(inPieces(chunks, 1)))).toEqual(timeless(messages));
  });

  test('what lies behind it in the same chunk are frames', () => {
    const [request, response] = handshake();
    const both = Buffer.concat([response?.bytes ?? bytes(''), bytes(HELLO), bytes(HELLO)]);
    const chunks = [
      request ?? sent(''),
      { direction: 'server-to-client' as const, bytes: Uint8Array.from(both) },
    ];
    expect(dissect(chunks).map(({ title }) => title)).toEqual([
      'GET /chat',
      '101 Switching Protocols',
      'Text “Hello”',
      'Text “Hello”',
    ]);
  });

  const asked = 'Upgrade: websocket\r\nConnection: Upgrade\r\n';
  test.each([
    ['answers a request that did not ask', { request: '' }, 'the request did not'],
    [
      'answers a request for something else',
      { request: 'Upgrade: h2c\r\nConnection: Upgrade\r\n' },
      'did not',
    ],
    ['answers a request without a key', { request: asked }, 'Sec-WebSocket-Key'],
    ['names another protocol', { response: 'Upgrade: h2c\r\nConnection: Upgrade\r\n' }, ': h2c.'],
    ['names none', { response: 'Connection: Upgrade\r\n' }, 'something else.'],
    ['forgets Connection', { response: 'Upgrade: websocket\r\n' }, 'Connection: Upgrade'],
    ['accepts another key', { response: `${asked}Sec-WebSocket-Accept: AAAA\r\n` }, 'does not fit the key'],
  ])('that %s, both directions are unknown, with the reason', (_case, change, reason) => {
    const messages = dissect([...handshake(change), fromClient(HELLO_MASKED), fromServer(HELLO)]);
    const unknown = messages.slice(2);
    expect(unknown.map(({ protocol }) => protocol)).toEqual(['unknown', 'unknown']);
    for (const { detail } of unknown) {
      expect(detail).toContain('101');
      expect(detail).toContain(reason);
    }
  });

  test('a client that did not wait for it is unknown from there on, and the server is not', () => {
    const [request, response] = handshake();
    const messages = dissect([
      request ?? sent(''),
      fromClient(HELLO_MASKED),
      response ?? answered(''),
      fromClient(HELLO_MASKED),
      fromServer(HELLO),
    ]);
    expect(messages.at(-1)).toMatchObject({ title: 'Text “Hello”', direction: 'server-to-client' });
    const early = messages.filter(({ direction }) => direction === 'client-to-server').slice(1);
    expect(early.map(({ end }) => end).at(-1)).toBe((request?.bytes.length ?? 0) + 22);
    expect(early.at(-1)).toMatchObject({ protocol: 'unknown' });
  });

  test('requests before the one that asks keep their answers', () => {
    const [request, response] = handshake();
    const messages = dissect([
      sent('GET /a HTTP/1.1\r\n\r\n'),
      request ?? sent(''),
      answered('HTTP/1.1 204 A\r\n\r\n'),
      response ?? answered(''),
      fromClient(HELLO_MASKED),
    ]);
    expect(messages.map(({ title, answers }) => [title, answers?.title])).toEqual([
      ['GET /a', undefined],
      ['GET /chat', undefined],
      ['204 A', 'GET /a'],
      ['101 Switching Protocols', 'GET /chat'],
      ['Text “Hello”', undefined],
    ]);
  });
});
