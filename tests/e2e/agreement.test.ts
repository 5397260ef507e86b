import type { LogEvent } from '#contract';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { captureFile, compare, type Comparison } from '../support/agreement.ts';
import { browserPatience } from '../support/browser.ts';
import { driveDemoBrowser, startLabWithHeadlessBrowser } from '../support/demo-browser.ts';
import type { LabProcess } from '../support/lab-process.ts';
import { nodeServer, opensslServer, richServer, selfSigned, type OwnServer } from '../support/own-servers.ts';
import { hasTool } from '../support/tools.ts';

const run = promisify(execFile);
const haveTools = ['tshark', 'openssl', 'curl'].map(hasTool).every(Boolean);

/** One capture of every client against every kind of server, and what tshark makes of it, field by field. */
describe.skipIf(!haveTools)('tshark and the dissectors', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plainsight-agreement-'));
  const file = join(folder, 'capture.pcapng');
  const servers: OwnServer[] = [];
  let lab: LabProcess;
  let comparison: Comparison;

  beforeAll(async () => {
    servers.push(...(await startServers(folder)));
    const routes = servers.flatMap(({ name, port }) => ['--route', `${name}=127.0.0.1:${port}`]);
    lab = await startLabWithHeadlessBrowser(routes);
    await makeTraffic(lab, folder);
    writeFileSync(file, await captureFile(lab.lab));
    comparison = await compare(file, await lab.events());
  }, 120_000);
  afterAll(async () => {
    await lab.stop();
    await Promise.all(servers.map((server) => server.close()));
    rmSync(folder, { recursive: true });
  });

  test('name the same bytes with the same names, in the same order', () => {
    expect(comparison.disagreements).toEqual([]);
  });

  test.each([
    ['tls.record.content_type', 100],
    ['tls.record.opaque_type', 20],
    ['tls.record.length', 100],
    ['tls.handshake.type', 30],
    ['tls.handshake.ciphersuite', 100],
    ['tls.handshake.extension.type', 100],
    ['tls.handshake.extensions_server_name', 10],
    ['tls.alert_message.desc', 1],
    ['http.request.method', 10],
    ['http.request.uri', 10],
    ['http.response.code', 10],
    ['http.content_length_header', 5],
    ['http.chunk_size', 3],
    ['dns.qry.name', 2],
  ])('agree on every %s', (name, atLeast) => {
    expect(comparison.agreed.get(name) ?? 0).toBeGreaterThanOrEqual(atLeast);
  });
});

async function startServers(folder: string): Promise<OwnServer[]> {
  const rsa = selfSigned(folder, 'rsa:2048');
  const ec = selfSigned(folder, 'ec');
  const tls12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
  return Promise.all([
    nodeServer('ecdsa12.test:443', ec, tls12),
    nodeServer('ecdhe12.test:443', rsa, tls12),
    nodeServer('rsa-exchange.test:443', rsa, { ...tls12, ciphers: 'AES128-GCM-SHA256' }),
    nodeServer('only13.test:443', rsa, { minVersion: 'TLSv1.3' }),
    // The clients offer a share for another group, so the server has to ask again.
    nodeServer('retry.test:443', rsa, { minVersion: 'TLSv1.3', ecdhCurve: 'P-384' }),
    nodeServer('client-cert.test:443', rsa, { ...tls12, requestCert: true, rejectUnauthorized: false }),
    opensslServer('dhe.test:443', rsa, '-tls1_2', '-cipher', 'DHE-RSA-AES256-GCM-SHA384'),
    opensslServer('small-records.test:443', rsa, '-tls1_2', '-max_send_frag', '512'),
    richServer('rich.test:80'),
  ]);
}

async function makeTraffic(lab: LabProcess, folder: string): Promise<void> {
  const door = (name: string, port = 443) =>
    lab.lab.routes.find((route) => route.name === name && route.port === port)?.listen ?? 0;

  await lab.call('POST', '/api/victim/login', { mobile: '9800000012', password: 'monsoon-42', site: 'both' });

  const names = [
    'ecdsa12',
    'ecdhe12',
    'rsa-exchange',
    'only13',
    'retry',
    'client-cert',
    'dhe',
    'small-records',
  ];
  for (const name of names) {
    const host = `${name}.test`;
    await curl(['--insecure', '--connect-to', `${host}:443:127.0.0.1:${door(host)}`, `https://${host}/`]);
    await nodeClient({ port: door(host), servername: host });
  }
  const withCertificate = ['--cert', join(folder, 'ec.pem'), '--key', join(folder, 'ec.key')];
  const certified = `client-cert.test:443:127.0.0.1:${door('client-cert.test')}`;
  await curl(['--insecure', ...withCertificate, '--connect-to', certified, 'https://client-cert.test/']);

  for (const [name, version] of [
    ['ecdhe12.test', '-tls1_2'],
    ['only13.test', '-tls1_3'],
  ] as const) {
    const session = join(folder, `${name}.session`);
    await sClient(door(name), name, [version, '-sess_out', session], 'GET / HTTP/1.1\r\n\r\n');
    await sClient(door(name), name, [version, '-sess_in', session], 'GET / HTTP/1.1\r\n\r\n');
  }
  // A server that speaks 1.3 only turns this down with an alert in clear.
  await sClient(door('only13.test'), 'only13.test', ['-tls1_2'], '');
  await sClient(door('piggypay.test'), 'piggypay.test', ['-tls1_3', '-crlf'], 'K\nGET / HTTP/1.0\n\n');

  await richTraffic(door('rich.test', 80));
  await browse(lab);
}

async function richTraffic(port: number): Promise<void> {
  const at = ['--connect-to', `rich.test:80:127.0.0.1:${port}`];
  for (const path of ['chunks', 'gzip', 'hints']) await curl([...at, `http://rich.test/${path}`]);
  await curl([
    ...at,
    '--header',
    'Transfer-Encoding: chunked',
    '--data',
    'a=1&b=two',
    'http://rich.test/form',
  ]);
  await curl([
    ...at,
    '--header',
    'Expect: 100-continue',
    '--data',
    'x'.repeat(2000),
    'http://rich.test/large',
  ]);

  const pipelined = connectPlain({ port, host: '127.0.0.1' });
  const last = 'HEAD /gzip HTTP/1.1\r\nHost: rich.test\r\nConnection: close\r\n\r\n';
  pipelined.end(
    `GET /chunks HTTP/1.1\r\nHost: rich.test\r\n\r\nGET /none?q=1 HTTP/1.1\r\nHost: rich.test\r\n\r\n${last}`,
  );
  pipelined.resume();
  await once(pipelined, 'close');

  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`, { headers: { Host: 'rich.test' } });
  await once(socket, 'open');
  for (const said of ['hello', 'x'.repeat(300), Buffer.from([0, 1, 2])]) {
    socket.send(said);
    await once(socket, 'message');
  }
  socket.close(1000, 'done');
  await once(socket, 'close');
}

/** The lab's own demo browser, a Chromium, on both sites. */
async function browse(lab: LabProcess): Promise<void> {
  await lab.call('POST', '/api/browser/open');
  const chromium = await driveDemoBrowser(lab);
  const [context] = chromium.contexts();
  for (const scheme of ['http', 'https']) {
    const page = await context?.newPage();
    await page?.goto(`${scheme}://piggypay.test/`);
  }
  await chromium.close();
  await lab.call('POST', '/api/browser/close');
  await vi.waitFor(async () => expect(openConnections(await lab.events())).toBe(0), {
    ...{ interval: 200, timeout: browserPatience },
  });
}

function openConnections(events: readonly LogEvent[]): number {
  const count = (type: string) => events.filter((event) => event.type === type).length;
  return count('connection-opened') - count('connection-closed');
}

async function curl(args: readonly string[]): Promise<void> {
  // What the server answers does not matter here; what crosses the wire does.
  await run('curl', ['--silent', '--show-error', '--max-time', '20', ...args]).catch(
    (error: unknown) => error,
  );
}

async function nodeClient(options: ConnectionOptions): Promise<void> {
  const socket = connectTls({ host: '127.0.0.1', rejectUnauthorized: false, ...options });
  socket.on('error', () => undefined);
  socket.on('secureConnect', () => socket.write('GET / HTTP/1.1\r\nHost: own.test\r\n\r\n'));
  socket.resume();
  // `once` of node:events would reject where the server resets what it has answered.
  await new Promise((resolve) => socket.once('close', resolve));
}

async function sClient(port: number, name: string, flags: readonly string[], said: string): Promise<void> {
  const child = spawn(
    'openssl',
    ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', name, '-ign_eof', ...flags],
    { stdio: ['pipe', 'ignore', 'ignore'] },
  );
  const ended = once(child, 'exit');
  child.stdin.on('error', () => undefined);
  child.stdin.end(said);
  await ended;
}
