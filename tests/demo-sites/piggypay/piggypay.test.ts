import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { networkInterfaces } from 'node:os';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startPiggyPay } from '../../../demo-sites/piggypay/piggypay.ts';
import type { PortPair } from '../../../demo-sites/ports.ts';
import { type RunningSite, TWINS, cookieOf, runSite, tokenOf } from './running-site.ts';

let running: RunningSite;
beforeEach(async () => (running = await runSite()));
afterEach(() => running.site.close());

async function connected(port: number): Promise<net.Socket> {
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** All that comes until the other side ends the connection. */
async function untilEnd(socket: net.Socket): Promise<string> {
  let text = '';
  socket.on('data', (data: Buffer) => (text += data.toString('latin1')));
  // A reset is an end too; `once` of node:events would take the error for its own.
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

describe('the count of requests', () => {
  it('grows by one with each answer on either twin, whatever the answer, and is told with the ports of the connection', async () => {
    const ports: PortPair[] = [];
    for (const [twin, path] of [
      ['http', '/?a=secret#b'],
      ['https', '/account'],
      ['http', '/nothing/here?x'],
      ['https', '/api/v1/balance'],
    ] as const) {
      ports.push((await running.ask(twin, path)).ports);
    }
    await running.heard('request-handled', (told) => 'count' in told && told.count === 4);
    expect(running.site.requestsHandled()).toBe(4);
    expect(running.told).toEqual([
      { type: 'request-handled', ports: ports[0], method: 'GET', path: '/', status: 200, count: 1 },
      {
        type: 'request-handled',
        ports: ports[1],
        method: 'GET',
        path: '/account',
        status: 303,
        count: 2,
      },
      {
        type: 'request-handled',
        ports: ports[2],
        method: 'GET',
        path: '/nothing/here',
        status: 404,
        count: 3,
      },
      {
        type: 'request-handled',
        ports: ports[3],
        method: 'GET',
        path: '/api/v1/balance',
        status: 401,
        count: 4,
      },
    ]);
  });

  it('does not grow with a request that never became whole', async () => {
    const socket = await connected(running.site.httpPort);
    socket.write('GET / HTT');
    socket.end();
    await untilEnd(socket);
    const posted = await connected(running.site.httpPort);
    posted.write(
      'POST /api/v1/login HTTP/1.1\r\nHost: piggypay.test\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n{"mobile":',
    );
    posted.resetAndDestroy();
    await running.ask('http', '/');
    await running.heard('request-handled');
    expect(running.site.requestsHandled()).toBe(1);
    expect(running.told).toHaveLength(1);
  });
});

describe('a reset', () => {
  it('logs everybody out, makes tokens worthless and counts from nothing', async () => {
    const login = await running.logIn('https');
    await running.heard('request-handled');
    await running.site.reset();
    expect(running.site.requestsHandled()).toBe(0);
    for (const headers of [{ Cookie: cookieOf(login) }, { Authorization: `Bearer ${tokenOf(login)}` }]) {
      expect((await running.ask('https', '/api/v1/balance', { headers })).status).toBe(401);
    }
    expect((await running.logIn('http')).status).toBe(200);
    expect(
      (await running.heard('request-handled', (told) => 'status' in told && told.status === 401)).count,
    ).toBe(1);
  });

  it('empties the books and gives the money back', async () => {
    const login = await running.logIn('http');
    const order = { payee: 'Ravi', amount: 500 };
    const headers = { 'Content-Type': 'application/json', Cookie: cookieOf(login) };
    await running.ask('http', '/api/v1/transfer', { method: 'POST', headers, body: JSON.stringify(order) });
    const { counters } = running.site;
    expect([counters.transfers().length, counters.sessions().length]).toEqual([1, 1]);
    await running.site.reset();
    expect([counters.transfers(), counters.sessions()]).toEqual([[], []]);
    const again = tokenOf(await running.logIn('http'));
    const balance = await running.ask('http', '/api/v1/balance', {
      headers: { Authorization: `Bearer ${again}` },
    });
    expect(JSON.parse(balance.body)).toEqual({ balance: 12480.5, currency: 'INR' });
  });

  it.each(TWINS)(
    'leaves transfers over %s that were under way before it out of the new books',
    async (twin) => {
      const agent = new (twin === 'http' ? http : https).Agent({ keepAlive: true, maxSockets: 12 });
      const body = JSON.stringify({ payee: 'Ravi', amount: 1 });
      for (let round = 0; round < 6; round += 1) {
        const login = await running.logIn(twin);
        const [Cookie, Authorization] = [cookieOf(login), `Bearer ${tokenOf(login)}`];
        const answers = Array.from({ length: 24 }, (_, index) => {
          const who = index % 2 === 0 ? { Cookie } : { Authorization };
          const headers = { 'Content-Type': 'application/json', ...who };
          return running.ask(twin, '/api/v1/transfer', { method: 'POST', headers, body, agent });
        });
        const settled = Promise.allSettled(answers);
        await Promise.race(answers);
        await running.site.reset();
        await settled;
        // Asked last and answered last: whatever the others still do is done then.
        await running.ask(twin, '/api/v1/balance', { headers: { Authorization } });
        expect([running.site.counters.transfers(), running.site.counters.sessions()]).toEqual([[], []]);
      }
      agent.destroy();
    },
  );

  it('ends open connections: kept alive, spare, or still shaking hands', async () => {
    const agent = new http.Agent({ keepAlive: true });
    const { ports } = await running.ask('http', '/', { agent });
    const spare = await connected(running.site.httpPort);
    const half = await connected(running.site.httpsPort);
    half.write(Buffer.from('1603010200', 'hex'));
    const secure = tls.connect({ port: running.site.httpsPort, ca: running.ca, servername: 'piggypay.test' });
    await once(secure, 'secureConnect');
    const ends = Promise.all([spare, half, secure].map(untilEnd));
    await running.site.reset();
    await ends;
    // The one that is kept alive is told of its end on its own.
    await expect.poll(() => Object.keys(agent.freeSockets)).toEqual([]);
    expect((await running.ask('http', '/', { agent })).ports).not.toEqual(ports);
    agent.destroy();
  });

  it('leaves answers that were under way before it out of the new count', async () => {
    const stalled = await connected(running.site.httpPort);
    stalled.pause();
    stalled.write('GET / HTTP/1.1\r\nHost: piggypay.test\r\n\r\n'.repeat(2_000));
    const login = running.logIn('http').catch(() => undefined);
    await running.heard('secret-entered', (told) => 'kind' in told && told.kind === 'password');
    await running.heard('request-handled', (told) => 'count' in told && told.count >= 50);
    await running.site.reset();
    stalled.destroy();
    await login;
    await running.ask('http', '/nothing');
    const after = await running.heard('request-handled', (told) => 'status' in told && told.status === 404);
    expect(after.count).toBe(1);
  });
});

describe('a failed handshake', () => {
  it('is told with the ports when the client does not trust the certificate and leaves', async () => {
    const client = tls.connect({
      port: running.site.httpsPort,
      host: '127.0.0.1',
      servername: 'piggypay.test',
    });
    const port = once(client, 'connect').then(() => client.localPort);
    await once(client, 'error');
    const told = await running.heard('handshake-failed');
    expect(told.code).toMatch(/^(ERR_SSL_|ECONNRESET)/);
    expect(told.ports).toEqual({ from: await port, to: running.site.httpsPort });
  });

  it('is told when plain HTTP or noise comes to the HTTPS port, and the site goes on', async () => {
    for (const bytes of [
      'GET / HTTP/1.1\r\nHost: piggypay.test\r\n\r\n',
      '\x16\x03\x01\x00\x05hello',
      '\0\0\0\0\0\0\0\0\0\0\0',
    ]) {
      running.told.length = 0;
      const socket = await connected(running.site.httpsPort);
      const ports = { from: socket.localPort, to: running.site.httpsPort };
      socket.write(bytes, 'latin1');
      await untilEnd(socket);
      const told = await running.heard('handshake-failed');
      expect(told).toMatchObject({ ports, code: expect.stringMatching(/^ERR_SSL_/) as string });
    }
    expect((await running.ask('https', '/')).status).toBe(200);
  });

  it('is told when the client leaves before it has said anything whole', async () => {
    const socket = await connected(running.site.httpsPort);
    socket.end(Buffer.from('1603010200', 'hex'));
    await untilEnd(socket);
    expect((await running.heard('handshake-failed')).code).toBe('ECONNRESET');
  });

  it('does not happen with a client that trusts the authority', async () => {
    await running.ask('https', '/');
    await running.heard('request-handled');
    expect(running.told.map(({ type }) => type)).toEqual(['request-handled']);
  });
});

describe('the listeners', () => {
  it('are on 127.0.0.1 alone', async () => {
    const others = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    const addresses = others
      .filter(({ address, scopeid }) => address !== '127.0.0.1' && !scopeid)
      .map(({ address }) => address);
    for (const host of ['127.0.0.2', ...addresses]) {
      for (const port of [running.site.httpPort, running.site.httpsPort]) {
        const socket = net.connect(port, host);
        const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
        expect(error.code).toMatch(/^(ECONNREFUSED|EADDRNOTAVAIL|ENETUNREACH)$/);
      }
    }
  });

  it.each(TWINS)('refuse headers of more than 16 kB over %s', async (twin) => {
    expect((await running.ask(twin, '/', { headers: { 'X-Long': 'x'.repeat(17_000) } })).status).toBe(431);
    expect((await running.ask(twin, '/')).status).toBe(200);
  });

  it('say which port is taken, and let go of the other one', async () => {
    const { httpPort: taken } = running.site;
    const options = { tls: { key: '', cert: '' }, report: () => undefined, httpPort: taken };
    await expect(startPiggyPay(options)).rejects.toMatchObject({
      code: 'EADDRINUSE',
      port: taken,
      address: '127.0.0.1',
    });
  });

  it('end with close, open connections with them', async () => {
    const socket = await connected(running.site.httpPort);
    const ended = untilEnd(socket);
    await running.site.close();
    await ended;
    await expect(running.ask('http', '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('the site’s output', () => {
  it('is empty, whatever is sent to it, and the process ends by itself after close', async () => {
    const harness = new URL('./running-site.ts', import.meta.url).href;
    const script = `const { runSite } = await import(${JSON.stringify(harness)});
      const { site, ask, logIn } = await runSite();
      const json = { 'Content-Type': 'application/json' };
      for (const twin of ['http', 'https']) {
        await logIn(twin);
        await logIn(twin, { mobile: 'canary', password: 'canary' });
        await ask(twin, '/api/v1/login', { method: 'POST', headers: json, body: '{"password":"canary' });
        await ask(twin, '/api/v1/login', { method: 'POST', headers: json, body: 'canary'.repeat(4000) });
        await ask(twin, '/%E0%A4%A?canary', { headers: { Cookie: 'sid=canary', Authorization: 'Bearer canary' } });
      }
      await site.close();`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
      env: { ...process.env, NODE_ENV: 'development' },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => (said += data.toString()));
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(said).toBe('');
  });
});
