import { execFile } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { hasTool } from '../../../support/tools.ts';
import { cookieOf, type RunningSite, runSite, type Twin, TWINS } from '../running-site.ts';

let running: RunningSite;
const open = new Set<WebSocket>();
beforeEach(async () => (running = await runSite()));
afterEach(async () => {
  for (const socket of open) socket.terminate();
  open.clear();
  await running.site.close();
});

function visit(twin: Twin, headers: Record<string, string> = {}, path = '/support'): WebSocket {
  const { httpPort, httpsPort } = running.site;
  const address = twin === 'http' ? `ws://127.0.0.1:${httpPort}` : `wss://127.0.0.1:${httpsPort}`;
  // `servername` is Node's; the types of ws leave it out.
  const options: ClientOptions & { servername: string } = {
    headers: { Host: 'piggypay.test', ...headers },
    ca: running.ca,
    servername: 'piggypay.test',
  };
  const socket = new WebSocket(address + path, options);
  // Refused or ended at the end of a test: what counts is waited for.
  socket.on('error', () => undefined);
  open.add(socket);
  return socket;
}

async function hear(socket: WebSocket): Promise<string> {
  const [data] = (await once(socket, 'message')) as [Buffer];
  return data.toString();
}

async function say(socket: WebSocket, line: string): Promise<string> {
  const answer = hear(socket);
  socket.send(line);
  return answer;
}

/** The status with which an upgrade was refused. */
async function refusal(socket: WebSocket): Promise<number | undefined> {
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, http.IncomingMessage];
  return response.statusCode;
}

async function closeCode(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, 'close')) as [number];
  return code;
}

describe.each(TWINS)('the support chat over %s', (twin) => {
  it('greets, then gives one answer a line, in order', async () => {
    const socket = visit(twin);
    expect(await hear(socket)).toMatch(/^Hello, this is PiggyPay support/);
    expect(await say(socket, 'When are you open?')).toContain('day and night');
    expect(await say(socket, 'balance')).toContain('Log in on this site first');
    const answers: string[] = [];
    const three = new Promise<void>((resolve) => {
      socket.on('message', (data: Buffer) => {
        if (answers.push(data.toString()) === 3) resolve();
      });
    });
    for (const line of ['one', 'two', 'three']) socket.send(line);
    await three;
    expect(answers.map((answer) => /“(.*)”/.exec(answer)?.[1])).toEqual(['one', 'two', 'three']);
  });

  it('knows who is logged in by the cookie of the handshake', async () => {
    const socket = visit(twin, { Cookie: cookieOf(await running.logIn(twin)) });
    expect(await hear(socket)).toMatch(/^Hello Asha/);
    expect(await say(socket, 'What is my balance?')).toBe('Your balance is ₹12,480.50.');
  });

  it('counts as one request, answered with 101, however much is said', async () => {
    const socket = visit(twin);
    await hear(socket);
    await say(socket, 'hello');
    await say(socket, 'bye');
    expect(running.told).toEqual([
      {
        type: 'request-handled',
        ports: { from: expect.any(Number) as number, to: running.site[`${twin}Port`] },
        method: 'GET',
        path: '/support',
        status: 101,
        count: 1,
      },
    ]);
    expect(running.site.requestsHandled()).toBe(1);
  });

  it('is nowhere else, and not for pages of other sites', async () => {
    expect(await refusal(visit(twin, {}, '/api/v1/login'))).toBe(404);
    expect(await refusal(visit(twin, {}, '/support/'))).toBe(404);
    for (const origin of ['http://evil.test', 'null', 'http://piggypay.test.evil.test']) {
      expect(await refusal(visit(twin, { Origin: origin }))).toBe(403);
    }
    await hear(visit(twin, { Origin: `${twin}://piggypay.test` }));
    expect((await running.ask(twin, '/support')).status).toBe(426);
  });

  it('takes text of 16 kB and no more, and no binary', async () => {
    const socket = visit(twin);
    await hear(socket);
    expect(await say(socket, 'x'.repeat(16 * 1024))).toContain('You wrote');
    socket.send('x'.repeat(16 * 1024 + 1));
    expect(await closeCode(socket)).toBe(1009);
    const binary = visit(twin);
    await hear(binary);
    binary.send(Buffer.of(1, 2, 3));
    expect(await closeCode(binary)).toBe(1003);
  });

  it('compresses nothing, though the client offers it', async () => {
    const socket = visit(twin);
    await hear(socket);
    expect(socket.extensions).toBe('');
  });
});

describe('the support desk', () => {
  it('turns visitors away when 64 are there, and has room again when one leaves', async () => {
    const visitors = Array.from({ length: 64 }, () => visit('http'));
    await Promise.all(visitors.map(hear));
    expect(await refusal(visit('https'))).toBe(503);
    visitors[0]?.close();
    await closeCode(visitors[0] as WebSocket);
    expect(await hear(visit('https'))).toMatch(/^Hello/);
  });

  it('ends every conversation at a reset', async () => {
    const visitors = TWINS.map((twin) => visit(twin));
    await Promise.all(visitors.map(hear));
    const closed = Promise.all(visitors.map(closeCode));
    await running.site.reset();
    expect(await closed).toEqual([1006, 1006]);
    expect(running.site.requestsHandled()).toBe(0);
  });

  it('goes on after handshakes and frames against the rules', async () => {
    const bad = [
      'GET /support HTTP/1.1\r\nHost: piggypay.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      'GET /support HTTP/1.1\r\nHost: piggypay.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n\r\n',
      'POST /support HTTP/1.1\r\nHost: piggypay.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      'GET /support HTTP/1.1\r\nHost: piggypay.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n\u0081\u0002hi',
      'GET http://[ HTTP/1.1\r\nHost: [\r\nOrigin: [\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    ];
    const statuses: string[] = [];
    for (const bytes of bad) {
      const socket = net.connect(running.site.httpPort, '127.0.0.1');
      socket.on('error', () => undefined);
      let text = '';
      socket.on('data', (data: Buffer) => (text += data.toString('latin1')));
      socket.write(bytes, 'latin1');
      // However it ends; `once` of node:events would take an error for its own.
      await new Promise((resolve) => socket.once('close', resolve));
      statuses.push(text.slice(9, 12));
    }
    expect(statuses).toEqual(['400', '400', '400', '101', '404']);
    expect(await hear(visit('http'))).toMatch(/^Hello/);
  });

  it('leaves requests for other protocols to the pages', async () => {
    const socket = net.connect(running.site.httpPort, '127.0.0.1');
    let text = '';
    socket.on('data', (data: Buffer) => (text += data.toString()));
    socket.write(
      'GET / HTTP/1.1\r\nHost: piggypay.test\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
    );
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text).toContain('Good to see you again');
    expect(await running.heard('request-handled')).toMatchObject({ path: '/', status: 200 });
  });

  it.skipIf(!hasTool('curl'))('answers curl that asks for HTTP/2 in clear', async () => {
    const address = `http://127.0.0.1:${running.site.httpPort}/`;
    const { stdout } = await promisify(execFile)('curl', ['--silent', '--fail', '--http2', address]);
    expect(stdout).toContain('Good to see you again');
  });
});
