import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Authority, createAuthority } from '../../../certs/authority.ts';
import type { ExplicitProxy } from '../../../proxy/interception/explicit-proxy.ts';
import type { Impersonation } from '../../../proxy/interception/impersonating.ts';
import type { ImpersonationPlan, Reading } from '../../../proxy/interception/messages.ts';
import { twoSeconds } from '../../support/two-seconds.ts';
import { closed, startAnother, startProxy } from './harness.ts';

const NAME = 'own.test';
const run = promisify(execFile);

let lab: Authority;
let stranger: Authority;
let forged: { keyPem: string; certificatePem: string };
let site: https.Server;
let serve: (request: IncomingMessage, response: ServerResponse) => void;
let handled: string[] = [];
let dials = 0;
let proxy: ExplicitProxy;
let startTook: number;

beforeAll(async () => {
  [lab, stranger] = await Promise.all([createAuthority([NAME]), createAuthority([NAME], 'stranger CA')]);
  const leaf = await lab.issue({ names: [NAME] });
  forged = await stranger.issue({ names: [NAME] });
  site = https.createServer({ key: leaf.keyPem, cert: leaf.certificatePem }, (request, response) => {
    handled.push(`${request.method} ${request.url}`);
    serve(request, response);
  });
  site.on('connection', (socket: Socket) => {
    dials += 1;
    socket.on('error', () => undefined);
  });
  await once(site.listen(0, '127.0.0.1'), 'listening');
  ({ proxy, startTook } = await startProxy({}));
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

function plan(more: Partial<ImpersonationPlan> = {}): ImpersonationPlan {
  const { port } = site.address() as AddressInfo;
  const secure = {
    ...{ key: forged.keyPem, certificate: forged.certificatePem },
    ...{ onward: port, authority: lab.certificatePem },
  };
  return { name: NAME, port: 443, secure, ...more };
}

/** Runs `use` while the stranger stands there; answers what it has read. */
async function impersonating(
  use: (impersonation: Impersonation) => Promise<void>,
  wanted = plan(),
): Promise<readonly Reading[]> {
  const readings: Reading[] = [];
  const impersonation = await proxy.impersonate(wanted, (reading) => readings.push(reading));
  await use(impersonation).finally(() => impersonation.stop());
  return readings;
}

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

type Options = Omit<https.RequestOptions, 'headers'> & {
  readonly headers?: Readonly<Record<string, string | number>>;
};

/** A request of somebody who trusts these CAs. */
async function ask(port: number, ca: string, options: Options = {}, body = ''): Promise<Answer> {
  const request = https.request({
    ...{ host: '127.0.0.1', port, ca, servername: NAME, agent: false, ...options },
    headers: { Host: NAME, ...options.headers },
  });
  // Told of again once there is a response.
  request.on('error', () => undefined);
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return { status: response.statusCode, body: Buffer.concat(chunks).toString() };
}

const textOf = (readings: readonly Reading[], direction: Reading['direction']) =>
  readings
    .flatMap((reading) => (reading.direction === direction && !reading.after ? [reading.bytes] : []))
    .map((bytes) => Buffer.from(bytes, 'base64').toString('latin1'))
    .join('');

describe('in the site’s place, the stranger', () => {
  test('shows openssl a certificate in the site’s name that its own CA has signed', async () => {
    await impersonating(async ({ port }) => {
      const to = ['-connect', `127.0.0.1:${port}`, '-servername', NAME, '-showcerts'];
      const shown = run('openssl', ['s_client', ...to]);
      shown.child.stdin?.end();
      const { stdout } = await shown;
      const certificate = new X509Certificate(stdout);
      expect(certificate.issuer).toMatch(/NOT FOR REAL USE stranger CA [0-9a-f]{8}/);
      expect(certificate.subjectAltName).toBe(`DNS:${NAME}`);
      expect(certificate.verify(new X509Certificate(stranger.certificatePem).publicKey)).toBe(true);
    });
    expect(dials).toBe(0);
  });

  test('gets nothing from who does not trust its CA: Node, and curl with its alert', async () => {
    const readings = await impersonating(async ({ port }) => {
      await expect(ask(port, lab.certificatePem)).rejects.toMatchObject({
        code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      });
      const curl = run('curl', [
        ...['-sS', '--noproxy', '*', '--resolve', `${NAME}:${port}:127.0.0.1`],
        ...[`https://${NAME}:${port}/`, '-d', 'secret'],
      ]);
      await expect(curl).rejects.toMatchObject({ code: 60 });
    });
    expect(readings).toEqual([]);
    expect({ handled, dials }).toEqual({ handled: [], dials: 0 });
  });

  test('reads what crosses in both directions where its CA is trusted, and passes it on as it is', async () => {
    const readings = await impersonating(async ({ port }) => {
      const options = { method: 'POST', path: '/login', headers: { 'Content-Length': 7, 'X-Own': 'yes' } };
      serve = (request, response) => {
        expect(request.headers).toMatchObject({ host: NAME, 'x-own': 'yes', 'content-length': '7' });
        expect(request.headers.via).toBeUndefined();
        request.on('data', (body: Buffer) => response.end(`got ${body.toString()}`));
      };
      const answer = await ask(port, stranger.certificatePem, options, 'a=b&c=d');
      expect(answer).toEqual({ status: 200, body: 'got a=b&c=d' });
    });
    expect(handled).toEqual(['POST /login']);
    expect(textOf(readings, 'client-to-server')).toMatch(/^POST \/login HTTP\/1\.1\r\n[^]*\r\n\r\na=b&c=d$/);
    expect(textOf(readings, 'server-to-client')).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*got a=b&c=d/);
  });

  test('uses one connection to the site for one of the victim', async () => {
    await impersonating(async ({ port }) => {
      const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
      for (const path of ['/1', '/2', '/3']) await ask(port, stranger.certificatePem, { agent, path });
      agent.destroy();
      await ask(port, stranger.certificatePem, { path: '/other' });
    });
    expect(handled).toEqual(['GET /1', 'GET /2', 'GET /3', 'GET /other']);
    expect(dials).toBe(2);
  });

  test('checks who the site is itself: another’s certificate ends the connection, not the process', async () => {
    const { pid } = proxy;
    const { secure } = plan();
    if (!secure) throw new Error('no certificate');
    const misled = plan({ secure: { ...secure, authority: stranger.certificatePem } });
    await impersonating(async ({ port }) => {
      await expect(ask(port, stranger.certificatePem)).rejects.toMatchObject({ code: 'ECONNRESET' });
    }, misled);
    expect(handled).toEqual([]);
    expect(dials).toBe(1);
    expect(proxy.pid).toBe(pid);
  });

  test.each([
    ['another server name', { servername: 'other.test', checkServerIdentity: () => undefined }],
    ['another Host', { headers: { Host: 'other.test' } }],
    ['another port in Host', { headers: { Host: `${NAME}:80` } }],
  ])('dials nobody for %s', async (_what, options) => {
    await impersonating(async ({ port }) => {
      const answer = await ask(port, stranger.certificatePem, options).catch(
        (error: unknown) => (error as NodeJS.ErrnoException).code,
      );
      if ('servername' in options) expect(answer).toBe('ECONNRESET');
      else expect(answer).toMatchObject({ status: 421 });
    });
    expect({ handled, dials }).toEqual({ handled: [], dials: 0 });
  });

  test('resets the victim’s connection when the site cuts its answer short', async () => {
    serve = (_request, response) => {
      response.writeHead(200, { 'Content-Length': 1000 });
      response.write('half', () => response.socket?.destroy());
    };
    await impersonating(async ({ port }) => {
      await expect(ask(port, stranger.certificatePem)).rejects.toMatchObject({ code: 'ECONNRESET' });
    });
  });

  test('waits with the site’s answer when the victim does', async () => {
    const length = 64 << 20;
    let sent = 0;
    serve = (_request, response) => {
      response.writeHead(200, { 'Content-Length': length });
      const chunk = Buffer.alloc(1 << 16);
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
    await impersonating(async ({ port }) => {
      const victim = tls.connect({ host: '127.0.0.1', port, servername: NAME, ca: stranger.certificatePem });
      await once(victim, 'secureConnect');
      victim.on('error', () => undefined);
      victim.write(`GET / HTTP/1.1\r\nHost: ${NAME}\r\nConnection: close\r\n\r\n`);
      // It reads nothing: sooner or later nothing moves any more.
      let before = -1;
      await expect
        .poll(() => [sent > 0 && sent === before, (before = sent)][0], { interval: 300 })
        .toBe(true);
      expect(sent).toBeLessThan(length / 2);
      let got = 0;
      victim.on('data', (chunk: Buffer) => (got += chunk.length));
      await closed(victim);
      expect(got).toBeGreaterThan(length);
    });
  });

  test('is gone when it is stopped, with its connections', async () => {
    const impersonation = await proxy.impersonate(plan(), () => undefined);
    const victim = tls.connect({
      ...{ host: '127.0.0.1', port: impersonation.port, servername: NAME, ca: stranger.certificatePem },
    });
    victim.on('error', () => undefined);
    await once(victim, 'secureConnect');
    victim.resume();
    await Promise.all([closed(victim), impersonation.stop()]);
    await expect(ask(impersonation.port, stranger.certificatePem)).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    await impersonation.stop();
  });

  test('killed, is back in under two seconds; until then its connections are over and go nowhere else', async () => {
    await impersonating(async (impersonation) => {
      const victim = tls.connect({
        ...{ host: '127.0.0.1', port: impersonation.port, servername: NAME, ca: stranger.certificatePem },
      });
      victim.on('error', () => undefined);
      await once(victim, 'secureConnect');
      const another = startAnother();
      const start = performance.now();
      process.kill(proxy.pid ?? 0, 'SIGKILL');
      victim.resume();
      await closed(victim);
      const answer = () =>
        ask(impersonation.port, stranger.certificatePem).catch(
          (error: unknown) => (error as NodeJS.ErrnoException).code,
        );
      await expect.poll(answer, { interval: 20 }).toMatchObject({ body: 'the site' });
      const took = performance.now() - start;
      expect(took).toBeLessThan(twoSeconds(Math.max(startTook, await another)));
    });
  });

  test('cannot begin with a certificate that is none, and lives on', async () => {
    const { pid } = proxy;
    const { secure } = plan();
    if (!secure) throw new Error('no certificate');
    const broken = plan({ secure: { ...secure, certificate: 'none' } });
    await expect(proxy.impersonate(broken, () => undefined)).rejects.toThrow(
      'could not take the site’s place',
    );
    expect(proxy.pid).toBe(pid);
    await impersonating(async ({ port }) => {
      expect(await ask(port, stranger.certificatePem)).toMatchObject({ status: 200 });
    });
  });
});

describe('over HTTP, the stranger', () => {
  test('answers everything itself: a page to whoever wants one, and that all is well', async () => {
    await impersonating(
      async ({ port }) => {
        const page = await fetch(`http://127.0.0.1:${port}/`, { headers: { Accept: 'text/html' } });
        expect(page.headers.get('content-type')).toContain('text/html');
        expect(await page.text()).toContain('This page is the stranger’s');
        const login = await fetch(`http://127.0.0.1:${port}/api/v1/login`, { method: 'POST', body: '{}' });
        expect(await login.json()).toEqual({ name: 'the stranger', balance: 0 });
      },
      { name: NAME, port: 80 },
    );
    expect({ handled, dials }).toEqual({ handled: [], dials: 0 });
  });
});
