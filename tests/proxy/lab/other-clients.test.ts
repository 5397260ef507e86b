import { execFile, execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { promisify } from 'node:util';
import type { Findings, LogEvent } from '#contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { capturedBytes, startLabProcess, type LabProcess } from '../../support/lab-process.ts';
import { TestViewer } from '../../support/viewer.ts';

const run = promisify(execFile);
let lab: LabProcess;
/** What the user's own site received and sends back. */
let received: Buffer[] = [];
const answer = randomBytes(300_000);
const ownSite = createServer((socket: Socket) => {
  socket.on('data', (chunk) => received.push(chunk));
  socket.on('end', () => socket.end(answer));
});

beforeAll(async () => {
  ownSite.listen(0, '127.0.0.1');
  await once(ownSite, 'listening');
  lab = await startLabProcess([
    '--route',
    `own.test:80=127.0.0.1:${(ownSite.address() as AddressInfo).port}`,
  ]);
});
afterAll(async () => {
  await lab.stop();
  ownSite.close();
});

const listen = (name: string, port: number) =>
  lab.lab.routes.find((route) => route.name === name && route.port === port)?.listen ?? 0;
const sha256 = (...pieces: Uint8Array[]) => createHash('sha256').update(Buffer.concat(pieces)).digest('hex');

async function closedConnection(name: string): Promise<{ connection: number; events: LogEvent[] }> {
  const viewer = new TestViewer(lab.lab);
  const ofName = () =>
    viewer.events.findLast((event) => event.type === 'connection-opened' && event.server.name === name);
  const isClosed = () => {
    const opened = ofName();
    return (
      opened?.type === 'connection-opened' &&
      viewer.events.some(
        (event) => event.type === 'connection-closed' && event.connection === opened.connection,
      )
    );
  };
  await viewer.until(isClosed);
  viewer.close();
  const opened = ofName();
  return { connection: opened?.type === 'connection-opened' ? opened.connection : 0, events: viewer.events };
}

test('what the client sent, what the log holds and what the site received are the same bytes, both ways', async () => {
  const sent = randomBytes(500_000);
  const client = connect({ port: listen('own.test', 80), host: '127.0.0.1' });
  const delivered: Buffer[] = [];
  client.on('data', (chunk) => delivered.push(chunk));
  client.end(sent);
  await once(client, 'close');

  const { connection, events } = await closedConnection('own.test');
  expect(sha256(capturedBytes(events, connection, 'client-to-server'))).toBe(sha256(sent));
  expect(sha256(...received)).toBe(sha256(sent));
  expect(sha256(capturedBytes(events, connection, 'server-to-client'))).toBe(sha256(answer));
  expect(sha256(...delivered)).toBe(sha256(answer));
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
});

test("curl with the lab's CA shows up like any other client", async () => {
  received = [];
  await lab.call('POST', '/api/reset', {});
  const login = JSON.stringify({ mobile: '9800000012', password: 'monsoon-42' });
  for (const [scheme, port] of [
    ['http', 80],
    ['https', 443],
  ] as const) {
    const { stdout } = await run('curl', [
      '--silent',
      '--fail',
      ...['--cacert', lab.lab.ca],
      ...['--connect-to', `piggypay.test:${port}:127.0.0.1:${listen('piggypay.test', port)}`],
      ...['--header', 'Content-Type: application/json', '--data', login],
      `${scheme}://piggypay.test/api/v1/login`,
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, name: 'Asha' });
  }
  const findings = (await lab.call('GET', '/api/findings')).body as Findings;
  expect(findings.lanes.http.findings).toContainEqual(
    expect.objectContaining({ kind: 'password', status: 'read', value: 'monsoon-42' }),
  );
  expect(findings.lanes.https.findings).toContainEqual(
    expect.objectContaining({ kind: 'site', status: 'leaks', value: 'piggypay.test' }),
  );
  expect(findings.lanes.https.verdict.found).toBe(0);
  const openers = (await lab.events()).flatMap((event) =>
    event.type === 'connection-opened' ? [event.opener] : [],
  );
  expect(openers).toEqual(['other', 'other']);
});

test('a client that does not trust the lab is told of as a failed handshake, and sends no login', async () => {
  await lab.call('POST', '/api/reset', {});
  const through = `piggypay.test:443:127.0.0.1:${listen('piggypay.test', 443)}`;
  await expect(
    run('curl', ['--silent', '--connect-to', through, '--data', 'password=x', 'https://piggypay.test/']),
  ).rejects.toMatchObject({ code: 60 });
  await closedConnection('piggypay.test');
  const events = await lab.events();
  expect(events.filter(({ type }) => type === 'request-handled')).toEqual([]);
  expect(events).toContainEqual(expect.objectContaining({ type: 'handshake-failed', vantage: 'site' }));
});

test('it listens on 127.0.0.1 and nowhere else', () => {
  const table = execFileSync('ss', ['-Hltunp'], { encoding: 'utf8' });
  const ours = table.split('\n').filter((line) => line.includes(`pid=${lab.process.pid},`));
  expect(ours.length).toBeGreaterThan(5);
  for (const line of ours) expect(line.trim().split(/\s+/)[4]).toMatch(/^127\.0\.0\.1:\d+$/);
});

test('a reset in the middle of things starts a capture that knows nothing of before', async () => {
  for (let round = 0; round < 10; round += 1) {
    const halfOpen = connect({ port: listen('piggypay.test', 443), host: '127.0.0.1' });
    halfOpen.on('error', () => undefined);
    await once(halfOpen, 'connect');
    halfOpen.write(Buffer.from('160301020001', 'hex'));
    const login = lab.call('POST', '/api/victim/login', {
      mobile: '9800000012',
      password: 'monsoon-42',
      site: 'both',
    });
    if (round % 2 === 0)
      await once(halfOpen, 'close', { signal: AbortSignal.timeout(round * 3 + 1) }).catch(() => undefined);
    const { body } = await lab.call('POST', '/api/reset', {});
    await login;
    const [started, ...later] = await lab.events();
    expect(started).toMatchObject({ type: 'epoch-started', epoch: (body as { epoch: number }).epoch });
    expect(later).toEqual([]);
    halfOpen.destroy();
  }
});

test('a bad call gets a status, a code, and a hint', async () => {
  expect(await lab.call('POST', '/api/victim/login', { mobile: 1 })).toMatchObject({
    status: 400,
    body: { error: { code: 'bad-login-request', hint: expect.any(String) as string } },
  });
  expect((await lab.call('GET', '/api/events?after=x')).status).toBe(400);
  expect((await lab.call('GET', '/api/nothing')).status).toBe(404);
  const long = await lab.call('POST', '/api/victim/login', { mobile: 'x'.repeat(20_000) });
  expect(long.status).toBe(413);
});

test('a site that the lab does not have is an answer, not an error', async () => {
  const login = { mobile: '9800000012', password: 'monsoon-42', site: 'https', host: 'nowhere.test' };
  const { status, body } = await lab.call('POST', '/api/victim/login', login);
  expect(status).toBe(200);
  expect(body).toMatchObject({ https: { ok: false, error: { code: 'no-such-site' }, requests: 0 } });
});
