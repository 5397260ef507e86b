import { execFile } from 'node:child_process';
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Authority, createAuthority } from '../../../certs/authority.ts';
import type { ExplicitProxy } from '../../../proxy/interception/explicit-proxy.ts';
import type { ImpersonationPlan, Reading } from '../../../proxy/interception/messages.ts';
import { closed, exchange, startProxy } from './harness.ts';

const NAME = 'bank.test';

let lab: Authority;
let site: https.Server;
let serve: (request: IncomingMessage, response: ServerResponse) => void;
let handled: string[] = [];
let dials = 0;
let proxy: ExplicitProxy;

beforeAll(async () => {
  lab = await createAuthority([NAME, 'other.test']);
  const leaf = await lab.issue({ names: [NAME] });
  site = https.createServer({ key: leaf.keyPem, cert: leaf.certificatePem }, (request, response) => {
    handled.push(`${request.method} ${request.url}`);
    serve(request, response);
  });
  site.on('connection', (socket: Socket) => {
    dials += 1;
    socket.on('error', () => undefined);
  });
  await once(site.listen(0, '127.0.0.1'), 'listening');
  ({ proxy } = await startProxy({}));
});
afterAll(async () => {
  await proxy.close();
  site.closeAllConnections();
  site.close();
});
beforeEach(() => {
  handled = [];
  dials = 0;
  serve = (request, response) => request.on('end', () => response.end('the site')).resume();
});

function plan(authority = lab.certificatePem): ImpersonationPlan {
  return { name: NAME, port: 80, strip: { onward: (site.address() as AddressInfo).port, authority } };
}

/** Runs `use` while the stranger stands there; answers what it says that it has changed. */
async function stripping(
  use: (port: number) => Promise<void>,
  wanted = plan(),
): Promise<readonly (readonly [before: string, after: string])[]> {
  const readings: Reading[] = [];
  const stand = await proxy.impersonate(wanted, (reading) => readings.push(reading));
  await use(stand.port).finally(() => stand.stop());
  const textOf = (bytes = '') => Buffer.from(bytes, 'base64').toString('latin1');
  return readings.map(({ bytes, after }) => [textOf(bytes), textOf(after)] as const);
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

async function ask(port: number, options: http.RequestOptions = {}, body = ''): Promise<Answer> {
  const request = http.request({
    ...{ host: '127.0.0.1', port, agent: false, ...options },
    headers: { Host: NAME, ...(options.headers as http.OutgoingHttpHeaders) },
  });
  // Told of again once there is a response.
  request.on('error', () => undefined);
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const { statusCode: status, headers } = response;
  return { status, headers, body: Buffer.concat(chunks).toString() };
}

test('speaks HTTP with the victim and HTTPS with the site, which is told nothing of it', async () => {
  serve = (request, response) => {
    expect(request.headers).toMatchObject({
      ...{ host: NAME, origin: `https://${NAME}`, cookie: '__Host-sid=1', 'accept-encoding': 'identity' },
      'content-length': '7',
    });
    expect(request.headers.via).toBeUndefined();
    request.on('data', (body: Buffer) => response.end(`got ${body.toString()}`));
  };
  const changes = await stripping(async (port) => {
    const headers = { Origin: `http://${NAME}`, Cookie: 'plain-__Host-sid=1', 'Content-Length': 7 };
    const answer = await ask(port, { method: 'POST', path: '/login', headers }, 'a=b&c=d');
    expect(answer).toMatchObject({ status: 200, body: 'got a=b&c=d' });
  });
  expect(handled).toEqual(['POST /login']);
  // Nothing was in the way of HTTP.
  expect(changes).toEqual([]);
});

test('leaves the victim on HTTP: the redirect, the cookie, the page, and no word of HSTS; curl agrees', async () => {
  const page = `<a href="https://${NAME}/login">é</a>`;
  serve = (_request, response) => {
    response.writeHead(302, {
      'Content-Type': 'text/html',
      'Content-Length': Buffer.byteLength(page),
      Location: `https://${NAME}/login`,
      'Strict-Transport-Security': 'max-age=60',
      'Set-Cookie': ['__Host-sid=1; Path=/; Secure', 'b=2'],
    });
    response.end(page);
  };
  const changes = await stripping(async (port) => {
    const { headers, body } = await ask(port);
    expect(headers).toMatchObject({
      ...{ location: `http://${NAME}/login`, 'set-cookie': ['plain-__Host-sid=1; Path=/', 'b=2'] },
      'transfer-encoding': 'chunked',
    });
    expect(headers['strict-transport-security']).toBeUndefined();
    expect(headers['content-length']).toBeUndefined();
    expect(body).toBe(`<a href="http://${NAME}/login">é</a>`);
    const { stdout } = await promisify(execFile)('curl', [
      ...['-sS', '--noproxy', '*', '--resolve', `${NAME}:${port}:127.0.0.1`, '-H', `Host: ${NAME}`, '-i'],
      `http://${NAME}:${port}/`,
    ]);
    expect(stdout).toContain(`http://${NAME}/login`);
    expect(stdout).not.toContain('https:');
  });
  expect(changes.slice(0, 2)).toEqual([
    [
      `Location: https://${NAME}/login\r\nStrict-Transport-Security: max-age=60\r\nSet-Cookie: __Host-sid=1; Path=/; Secure\r\n`,
      `Location: http://${NAME}/login\r\nSet-Cookie: plain-__Host-sid=1; Path=/\r\n`,
    ],
    [`https://${NAME}`, `http://${NAME}`],
  ]);
});

test('passes on what is no text byte for byte, and an answer without a body as it is', async () => {
  const bytes = Buffer.from(`https://${NAME}/ in an image`);
  serve = ({ method, url }, response) => {
    response.writeHead(url === '/204' ? 204 : 200, {
      ...{ 'Content-Type': url === '/html' ? 'text/html' : 'image/png' },
      ...(url === '/204' ? {} : { 'Content-Length': bytes.length }),
    });
    response.end(method === 'HEAD' || url === '/204' ? undefined : bytes);
  };
  await stripping(async (port) => {
    expect(await ask(port)).toMatchObject({
      ...{ body: bytes.toString(), headers: { 'content-length': String(bytes.length) } },
    });
    expect(await ask(port, { path: '/204' })).toMatchObject({ status: 204, body: '' });
    expect(await ask(port, { path: '/html', method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });
});

test('passes a WebSocket on over TLS, with what the site expects of a page of its own', async () => {
  const asked: IncomingMessage[] = [];
  site.once('upgrade', (request: IncomingMessage, socket: Socket) => {
    asked.push(request);
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    socket.pipe(socket);
  });
  let victim: Socket | undefined;
  await stripping(async (port) => {
    victim = connect({ host: '127.0.0.1', port });
    victim.on('error', () => undefined);
    const upgrade = 'Upgrade: websocket\r\nConnection: Upgrade\r\n';
    victim.write(
      `GET /support HTTP/1.1\r\nHost: ${NAME}\r\nOrigin: http://${NAME}\r\nCookie: plain-sid=1\r\n${upgrade}\r\nhello`,
    );
    let got = '';
    victim.on('data', (chunk: Buffer) => (got += chunk.toString('latin1')));
    await expect.poll(() => got).toMatch(/^HTTP\/1\.1 101 [^]*\r\n\r\nhello$/);
    expect(asked[0]?.headers).toMatchObject({ origin: `https://${NAME}`, cookie: 'sid=1', host: NAME });
  });
  // The stranger goes, and takes it along.
  if (victim) await closed(victim);
  expect(dials).toBe(1);
});

test('uses one connection to the site for one of the victim', async () => {
  await stripping(async (port) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (const path of ['/1', '/2', '/3']) await ask(port, { agent, path });
    agent.destroy();
    await ask(port, { path: '/other' });
  });
  expect(handled).toEqual(['GET /1', 'GET /2', 'GET /3', 'GET /other']);
  expect(dials).toBe(2);
});

test('checks who the site is: another’s certificate ends the connection, not the process', async () => {
  const { pid } = proxy;
  const stranger = await createAuthority([NAME]);
  await stripping(async (port) => {
    await expect(ask(port)).rejects.toMatchObject({ code: 'ECONNRESET' });
  }, plan(stranger.certificatePem));
  await stripping(
    async (port) => {
      await expect(ask(port, { headers: { Host: 'other.test' } })).rejects.toMatchObject({
        code: 'ECONNRESET',
      });
    },
    { ...plan(), name: 'other.test' },
  );
  expect({ handled, dials }).toEqual({ handled: [], dials: 2 });
  expect(proxy.pid).toBe(pid);
});

test.each([
  ['another Host', 'GET / HTTP/1.1\r\nHost: other.test\r\n\r\n', 421],
  ['another port in Host', `GET / HTTP/1.1\r\nHost: ${NAME}:443\r\n\r\n`, 421],
  ['a port that is none', `GET / HTTP/1.1\r\nHost: ${NAME}:99999\r\n\r\n`, 421],
  ['an absolute address', `GET http://other.test/ HTTP/1.1\r\nHost: ${NAME}\r\n\r\n`, 400],
  ['two Hosts', `GET / HTTP/1.1\r\nHost: ${NAME}\r\nHost: ${NAME}\r\n\r\n`, 400],
  ['CONNECT', `CONNECT ${NAME}:443 HTTP/1.1\r\nHost: ${NAME}\r\n\r\n`, undefined],
  [
    'a broken Host and an upgrade',
    'GET / HTTP/1.1\r\nHost: [\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    421,
  ],
  ['an upgrade without a Host', 'GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n', 400],
  ['TLS', Buffer.from('16030100050100000100', 'hex').toString('latin1'), 400],
])('dials nobody for %s, and lives on', async (_what, sent, status) => {
  const { pid } = proxy;
  await stripping(async (port) => {
    const { answer } = await exchange(port, sent, { end: true });
    if (status === undefined) expect(answer).toBe('');
    else expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect({ handled, dials }).toEqual({ handled: [], dials: 0 });
    expect(await ask(port)).toMatchObject({ status: 200 });
  });
  expect(proxy.pid).toBe(pid);
});

test('a status that nobody can write resets the victim, and the process lives on', async () => {
  const { pid } = proxy;
  serve = (_request, { socket }) => socket?.end('HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n');
  await stripping(async (port) => {
    await expect(ask(port)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
  expect(proxy.pid).toBe(pid);
});

test('resets the victim’s connection when the site cuts a page short', async () => {
  serve = (_request, response) => {
    response.writeHead(200, { 'Content-Length': 1000, 'Content-Type': 'text/html' });
    response.write('half', () => response.socket?.destroy());
  };
  await stripping(async (port) => {
    await expect(ask(port)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});

test('waits with a page when the victim does, and then gives all of it', async () => {
  const length = 32 << 20;
  let sent = 0;
  serve = (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Length': length });
    const chunk = Buffer.alloc(1 << 16, 'x');
    const more = (): void => {
      while (sent < length) {
        sent += chunk.length;
        if (!response.write(chunk)) {
          response.once('drain', more);
          return;
        }
      }
      response.end();
    };
    more();
  };
  await stripping(async (port) => {
    const victim = connect({ host: '127.0.0.1', port });
    victim.on('error', () => undefined);
    victim.write(`GET / HTTP/1.1\r\nHost: ${NAME}\r\nConnection: close\r\n\r\n`);
    // It reads nothing: sooner or later nothing moves any more.
    let before = -1;
    await expect.poll(() => [sent > 0 && sent === before, (before = sent)][0], { interval: 300 }).toBe(true);
    expect(sent).toBeLessThan(length / 2);
    let got = 0;
    victim.on('data', (chunk: Buffer) => (got += chunk.length));
    await closed(victim);
    expect(got).toBeGreaterThan(length);
  });
});

test('is gone when it is stopped, with its connections', async () => {
  const stand = await proxy.impersonate(plan(), () => undefined);
  const victim = connect({ host: '127.0.0.1', port: stand.port });
  victim.on('error', () => undefined);
  await once(victim, 'connect');
  victim.write('GET / HTTP/1.1\r\n');
  victim.resume();
  await Promise.all([closed(victim), stand.stop()]);
  await expect(ask(stand.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('a WebSocket behind a request that is not answered yet is not mixed with its answer', async () => {
  let late: ServerResponse | undefined;
  serve = (_request, response) => (late = response);
  const upgraded: Socket[] = [];
  const take = (_request: IncomingMessage, socket: Socket) => {
    upgraded.push(socket.on('error', () => undefined));
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    socket.pipe(socket);
  };
  site.on('upgrade', take);
  await stripping(async (port) => {
    const victim = connect({ host: '127.0.0.1', port });
    victim.on('error', () => undefined);
    let got = '';
    victim.on('data', (chunk: Buffer) => (got += chunk.toString('latin1')));
    victim.write(`GET /first HTTP/1.1\r\nHost: ${NAME}\r\n\r\n`);
    await expect.poll(() => late).toBeDefined();
    victim.write(
      `GET /support HTTP/1.1\r\nHost: ${NAME}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello`,
    );
    await closed(victim);
    expect(got).toBe('');
  });
  site.off('upgrade', take);
  late?.destroy();
  expect(upgraded).toEqual([]);
});
