import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws';
import { Conversation, type Patience } from '../../../../demo-sites/piggypay/support/conversation.ts';

const http = createServer();
let server: WebSocketServer;
let patience: Patience;

beforeEach(async () => {
  server = new WebSocketServer({ server: http });
  server.on('connection', (socket) => {
    new Conversation(socket, patience).begin(undefined);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
});
afterEach(async () => {
  vi.useRealTimers();
  for (const socket of server.clients) socket.terminate();
  server.close();
  http.close();
  await once(http, 'close');
});

async function visit(options: ClientOptions = {}): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`, options);
  await once(socket, 'message');
  return socket;
}

it('ends when nothing is said for a while', async () => {
  patience = { ping: 60_000, idle: 30 };
  const [code, reason] = (await once(await visit(), 'close')) as [number, Buffer];
  expect([code, reason.toString()]).toEqual([1001, 'Nothing was said for a while.']);
});

it('ends when a ping is not answered, and goes on when it is', async () => {
  // The next ping is due when the last one was answered: by the clock, a busy machine would answer too late.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  patience = { ping: 30, idle: 60_000 };
  const lively = await visit();
  const [desk] = server.clients;
  const silent = await visit({ autoPong: false });
  const closed = once(silent, 'close') as Promise<[number]>;
  for (let pings = 0; pings < 3; pings += 1) {
    const answered = once(desk as WebSocket, 'pong');
    vi.advanceTimersByTime(30);
    await answered;
  }
  expect((await closed)[0]).toBe(1006);
  expect(lively.readyState).toBe(WebSocket.OPEN);
  expect(desk?.readyState).toBe(WebSocket.OPEN);
});

it('ends when the answers are not read', async () => {
  patience = { ping: 60_000, idle: 60_000 };
  const socket = await visit();
  const [other] = server.clients;
  const closed = once(other as WebSocket, 'close');
  socket.pause();
  const flood = () => {
    while (socket.readyState === WebSocket.OPEN && socket.bufferedAmount < 1 << 20)
      socket.send('x'.repeat(100));
    if (other?.readyState === WebSocket.OPEN) setImmediate(flood);
  };
  flood();
  await closed;
  expect(other?.readyState).toBe(WebSocket.CLOSED);
  socket.terminate();
});
