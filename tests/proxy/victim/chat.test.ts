import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { VictimChat } from '../../../proxy/victim/chat.ts';
import { deafPort } from '../../support/ports.ts';

let http: Server;
let server: WebSocketServer;
beforeEach(async () => {
  http = createServer((_request, response) => response.writeHead(503).end());
  server = new WebSocketServer({ noServer: true });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
});
afterEach(async () => {
  for (const socket of server.clients) socket.terminate();
  server.close();
  http.close();
  http.closeAllConnections();
  await once(http, 'close');
});

/** The site does this with whoever comes. */
function site(meet: (socket: WebSocket) => void): void {
  http.on('upgrade', (request, socket, head) => {
    server.handleUpgrade(request, socket, head, meet);
  });
}

function chat(
  signal = new AbortController().signal,
  port = (http.address() as AddressInfo).port,
): VictimChat {
  return new VictimChat({ address: '127.0.0.1', port, host: 'piggypay.test', signal });
}

test('says its line after the greeting, and takes what comes next for the answer', async () => {
  const heard: string[] = [];
  let code = 0;
  site((socket) => {
    socket.send('Hello!');
    socket.on('message', (data: Buffer) => {
      heard.push(data.toString());
      socket.send('the answer');
      socket.send('an afterthought');
    });
    socket.on('close', (given) => (code = given));
  });
  const victim = chat();
  expect(await victim.say('How are you?')).toBe('the answer');
  expect(heard).toEqual(['How are you?']);
  // The victim may have seen the connection end before the site does.
  await expect.poll(() => code).toBe(1000);
  expect(victim.ports).toEqual({
    from: expect.any(Number) as number,
    to: (http.address() as AddressInfo).port,
  });
});

test('fails when the site refuses the chat, ends it, or is not there', async () => {
  await expect(chat().say('x')).rejects.toMatchObject({
    code: 'chat-refused',
    message: 'the site answered 503',
  });
  site((socket) => {
    socket.close(1001);
  });
  await expect(chat().say('x')).rejects.toMatchObject({ code: 'chat-ended', message: /1001/ });
  const gone = await deafPort();
  await expect(chat(undefined, gone.port).say('x')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await gone.close();
});

test('fails when the site speaks against the rules', async () => {
  http.on('upgrade', (_request, socket) => {
    socket.end(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n',
    );
  });
  await expect(chat().say('x')).rejects.toThrow('Invalid Sec-WebSocket-Accept header');
});

test('breaks off when it is told to', async () => {
  const patience = new AbortController();
  const met = new Promise<void>((resolve) => {
    site(() => {
      resolve();
    });
  });
  const said = chat(patience.signal).say('x');
  await met;
  patience.abort();
  await expect(said).rejects.toMatchObject({ code: 'reset' });
  const early = new AbortController();
  early.abort();
  await expect(chat(early.signal).say('x')).rejects.toMatchObject({ code: 'reset' });
});
