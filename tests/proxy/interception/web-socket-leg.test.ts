import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect as connectPlain } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import { explainUnmasked } from '#dissectors/websocket/explain.ts';
import { frameOf } from '#dissectors/websocket/frame-message.ts';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { dissect } from '../dissectors/feeding.ts';
import { impersonateSite, type ImpersonatedSite, NAME, restOf, textOf } from './impersonated-site.ts';

let lab: ImpersonatedSite;
let asked: string[];
const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });

beforeAll(async () => {
  lab = await impersonateSite();
  lab.site.on('request', (_request, response) => response.end('a page'));
  lab.site.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    asked.push(`${request.method} ${request.url} ${request.headers.host}`);
    socket.on('error', () => undefined);
    if (request.url !== '/chat') socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
    else
      server.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on('error', () => undefined);
        webSocket.on('message', (data: Buffer) => webSocket.send(`heard: ${data.toString()}`));
      });
  });
});
afterAll(() => lab.close());
beforeEach(() => {
  asked = [];
  lab.readings.length = 0;
  lab.sights.length = 0;
});

function chatAt(path: string): WebSocket {
  const to = { host: '127.0.0.1', port: lab.port(), servername: NAME, ca: lab.strangersCa };
  return new WebSocket(`wss://${NAME}${path}`, {
    perMessageDeflate: false,
    createConnection: () => connect(to),
  });
}

/** What was said in frames, read from what the stranger was told. */
function framesRead(): readonly string[] {
  const chunks = lab.readings.map(({ direction, bytes }) => ({
    direction,
    bytes: new Uint8Array(Buffer.from(bytes, 'base64')),
  }));
  const streams = {
    'client-to-server': Buffer.from(textOf(lab.readings, 'client-to-server'), 'latin1'),
    'server-to-client': Buffer.from(textOf(lab.readings, 'server-to-client'), 'latin1'),
  };
  return dissect(chunks).flatMap((message) => {
    const frame = frameOf(message);
    if (frame?.kind !== 'text') return [];
    const bytes = new Uint8Array(streams[message.direction].subarray(message.start, message.end));
    const payload = explainUnmasked(bytes, frame)?.bytes ?? bytes.subarray(frame.headLength);
    return [`${message.direction}: ${Buffer.from(payload).toString()}`];
  });
}

test('a chat works through the stranger, who reads what is said in its frames', async () => {
  const chat = chatAt('/chat');
  await once(chat, 'open');
  for (const line of ['Where is my money?', 'x'.repeat(40_000)]) {
    chat.send(line);
    const [heard] = (await once(chat, 'message')) as [Buffer];
    expect(heard.toString()).toBe(`heard: ${line}`);
  }
  chat.close(1000);
  const [code] = (await once(chat, 'close')) as [number];
  expect(code).toBe(1000);
  await expect.poll(() => framesRead().length).toBeGreaterThanOrEqual(4);
  expect(framesRead().slice(0, 2)).toEqual([
    'client-to-server: Where is my money?',
    'server-to-client: heard: Where is my money?',
  ]);
  expect(asked).toEqual([`GET /chat ${NAME}`]);
  const [seen, ...others] = lab.sights;
  expect(seen).toMatchObject({ type: 'went-on', ports: { to: lab.port() } });
  expect(others).toEqual([]);
});

test('what the site refuses is refused', async () => {
  const chat = chatAt('/nowhere');
  chat.on('error', () => undefined);
  const [, response] = (await once(chat, 'unexpected-response')) as [unknown, IncomingMessage];
  expect(response.statusCode).toBe(404);
  chat.terminate();
});

test('when either of the two is gone, so is the other', async () => {
  const atSite = once(lab.site, 'upgrade') as Promise<[IncomingMessage, Duplex]>;
  const leaving = chatAt('/chat');
  await once(leaving, 'open');
  const [, socket] = await atSite;
  const gone = new Promise((resolve) => socket.once('close', resolve));
  leaving.terminate();
  await gone;
  const next = once(lab.site, 'upgrade') as Promise<[IncomingMessage, Duplex]>;
  const left = chatAt('/chat');
  left.on('error', () => undefined);
  await once(left, 'open');
  // With an error before it or without.
  const over = new Promise((resolve) => left.once('close', resolve));
  (await next)[1].destroy();
  expect(await over).toBe(1006);
});

const upgrade = ['GET /chat HTTP/1.1', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'];
const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';

// What ends http-mitm-proxy's own process, and what leads past its table.
test.each([
  ['an upgrade without Host', [...upgrade, key, 'Upgrade: websocket'], /^HTTP\/1\.1 400/],
  ['an upgrade with half an address', [...upgrade, key, 'Upgrade: websocket', 'Host: ['], /^HTTP\/1\.1 421/],
  [
    'an upgrade to a port that is none',
    [...upgrade, key, 'Upgrade: websocket', `Host: ${NAME}:99999`],
    /^HTTP\/1\.1 421/,
  ],
  [
    'an upgrade for somebody else',
    [...upgrade, key, 'Upgrade: websocket', 'Host: other.test'],
    /^HTTP\/1\.1 421/,
  ],
  [
    'an upgrade with two Hosts',
    [...upgrade, key, 'Upgrade: websocket', `Host: ${NAME}`, `Host: ${NAME}`],
    /^HTTP\/1\.1 400/,
  ],
  ['an upgrade to something else', [...upgrade, 'Upgrade: h2c', `Host: ${NAME}`], /^HTTP\/1\.1 400/],
  ['an upgrade to one of two', [...upgrade, 'Upgrade: websocket, h2c', `Host: ${NAME}`], /^HTTP\/1\.1 400/],
  [
    'an upgrade in absolute form',
    ['GET http://other.test/ HTTP/1.1', 'Connection: Upgrade', 'Upgrade: websocket', `Host: ${NAME}`],
    /^HTTP\/1\.1 400/,
  ],
  [
    'an upgrade with a body',
    [
      'POST /chat HTTP/1.1',
      'Connection: Upgrade',
      'Upgrade: websocket',
      `Host: ${NAME}`,
      'Content-Length: 4',
    ],
    /^HTTP\/1\.1 400/,
  ],
  ['a CONNECT', ['CONNECT constructor:443 HTTP/1.1', `Host: ${NAME}`], /^$/],
  ['a CONNECT that climbs', ['CONNECT ../../x:443 HTTP/1.1', `Host: ${NAME}`], /^$/],
])('%s is turned away, dials nobody, and it is alive afterwards', async (_what, lines, expected) => {
  const { pid } = lab.proxy;
  const dials = lab.dials();
  const client = await lab.connect();
  const answer = restOf(client);
  client.write(`${lines.join('\r\n')}\r\n\r\n\x16\x03\x01`);
  expect(await answer).toMatch(expected);
  expect({ asked, dials: lab.dials() }).toEqual({ asked: [], dials });
  const again = await lab.connect();
  const page = restOf(again);
  again.write(`GET / HTTP/1.1\r\nHost: ${NAME}\r\nConnection: close\r\n\r\n`);
  expect(await page).toMatch(/^HTTP\/1\.1 200 OK[^]*a page$/);
  expect(lab.proxy.pid).toBe(pid);
});

test('who leaves before TLS is set up is told of, with its alert where it sent one', async () => {
  const socket = connectPlain({ host: '127.0.0.1', port: lab.port() });
  await once(socket, 'connect');
  const ports = { from: socket.localPort, to: lab.port() };
  // A fatal alert, unknown_ca (RFC 8446, 6), in place of a ClientHello.
  socket.end(Buffer.from('15030300020230', 'hex'));
  socket.on('error', () => undefined).resume();
  await expect
    .poll(() => lab.sights)
    .toEqual([{ type: 'left', ports, code: expect.stringMatching(/UNKNOWN_CA|ALERT|ERR_SSL/) as string }]);
});
