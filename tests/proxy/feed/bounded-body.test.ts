import { once } from 'node:events';
import { createServer, request as send, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { boundedBody } from '../../../proxy/feed/bounded-body.ts';

const most = 1000;
let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    boundedBody(request, most).then(
      (body) => response.end(body === undefined ? 'too long' : body.toString('latin1')),
      () => response.destroy(),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

async function answerTo(pieces: readonly string[], headers: Record<string, string | number> = {}) {
  const { port } = server.address() as AddressInfo;
  const sending = send({ host: '127.0.0.1', port, method: 'POST', headers });
  for (const piece of pieces) sending.write(piece);
  sending.end();
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  let text = '';
  for await (const piece of response) text += String(piece);
  return text;
}

test.each<[string, Record<string, string | number>]>([
  ['in chunks', {}],
  ['of a length that is said', { 'Content-Length': most }],
])('a body as long as it may be is read, %s', async (_name, headers) => {
  const pieces = ['a'.repeat(most - 300), 'b'.repeat(300)];
  expect(await answerTo(pieces, headers)).toBe(pieces.join(''));
});

test('of one that was read before, nothing is left', async () => {
  const reading = createServer((request, response) => {
    request.resume().once('end', () => {
      void boundedBody(request, most).then((body) => response.end(String(body?.length)));
    });
  }).listen(0, '127.0.0.1');
  await once(reading, 'listening');
  const { port } = reading.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: 'a'.repeat(500) });
  expect(await answer.text()).toBe('0');
  reading.close();
});

test('one that is longer, and did not say so, is answered all the same', async () => {
  expect(await answerTo(['a'.repeat(most), 'b'])).toBe('too long');
});

test('one that says that it is longer is not waited for', async () => {
  const { port } = server.address() as AddressInfo;
  const sending = send({ host: '127.0.0.1', port, method: 'POST', headers: { 'Content-Length': most + 1 } });
  sending.on('error', () => undefined);
  sending.flushHeaders();
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  expect(String((await response.toArray())[0])).toBe('too long');
  sending.destroy();
});
