import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ConnectionId, ExperimentProgress, ExperimentRun, Stepping } from '#contract';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { CapturedConnection } from '../../../proxy/experiments/captured-connection.ts';
import { type LabProcess, startLabProcess } from '../../support/lab-process.ts';
import { hasTool } from '../../support/tools.ts';
import { isTsharkMissing, tsharkFields } from '../../support/tshark.ts';
import { TestViewer } from '../../support/viewer.ts';

const execute = promisify(execFile);
let lab: LabProcess;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plainsight-experiments-'));
  lab = await startLabProcess();
});
afterAll(async () => {
  await lab.stop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  await setStepping('live');
  await lab.call('POST', '/api/reset', {});
});

async function run(id: string): Promise<ExperimentRun> {
  const { status, body } = await lab.call('POST', `/api/experiments/${id}/run`, {});
  expect(status, JSON.stringify(body)).toBe(200);
  return body as ExperimentRun;
}

async function setStepping(mode: 'live' | 'step'): Promise<Stepping> {
  const response = await fetch(`${lab.lab.dashboard}/api/stepping`, {
    method: 'PUT',
    headers: { Authorization: `Bearer ${lab.lab.token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ mode }),
  });
  return (await response.json()) as Stepping;
}

/** The connections in which tshark finds a Certificate on the wire, with the keys that the file has. */
async function withCertificate(query: string): Promise<ReadonlySet<ConnectionId>> {
  const response = await fetch(`${lab.lab.dashboard}/api/capture.pcapng${query}`, {
    headers: { Authorization: `Bearer ${lab.lab.token}` },
  });
  const file = join(folder, 'capture.pcapng');
  await writeFile(file, Buffer.from(await response.arrayBuffer()));
  const ports = (await tsharkFields(file, 'tls.handshake.type == 11', 'tcp.dstport')).map(([port]) => port);
  const events = await lab.events();
  return new Set(
    events.flatMap((event) =>
      event.type === 'connection-opened' && ports.includes(String(event.client.port))
        ? [event.connection]
        : [],
    ),
  );
}

test.skipIf(isTsharkMissing)(
  'tshark finds a certificate where the experiments do, and nowhere else',
  async () => {
    const tls12 = await run('resumption-12');
    const tls13 = await run('resumption-13');
    const numbers = [tls12, tls13].flatMap(({ measures }) =>
      [measures['first'], measures['second']].map((side) => (side as { connection: number }).connection),
    );
    const [full12 = 0, resumed12 = 0, full13 = 0, resumed13 = 0] = numbers;
    expect(new Set(numbers).size).toBe(4);
    expect(await withCertificate('')).toEqual(new Set([full12]));
    expect(await withCertificate('?keys=1')).toEqual(new Set([full12, full13]));
    expect(tls12.measures).toMatchObject({ resumed: true, certificateSent: [true, false] });
    expect(tls13.measures).toMatchObject({ resumed: true, certificateSent: [true, false] });
    expect([resumed12, resumed13]).not.toContain(full12);
  },
);

test.skipIf(!hasTool('openssl'))(
  'openssl is resumed by the same site, and is sent no certificate either',
  async () => {
    const listen = lab.lab.routes.find(({ name }) => name === 'tls12.test')?.listen ?? 0;
    const session = join(folder, 'session.pem');
    const visit = async (...how: string[]) => {
      const to = ['-connect', `127.0.0.1:${listen}`, '-servername', 'tls12.test', '-CAfile', lab.lab.ca];
      const child = execute('openssl', ['s_client', ...to, ...how]);
      child.child.stdin?.end('GET / HTTP/1.1\r\nHost: tls12.test\r\nConnection: close\r\n\r\n');
      return (await child).stdout;
    };
    expect(await visit('-sess_out', session)).toContain('New, TLSv1.2');
    expect(await visit('-sess_in', session)).toContain('Reused, TLSv1.2');
    const events = await lab.events();
    const opened = events.flatMap((event) => (event.type === 'connection-opened' ? [event.connection] : []));
    const captures = opened.map((id) => new CapturedConnection(id, events));
    expect(captures.map((capture) => capture.has('Certificate'))).toEqual([true, false]);
  },
);

test('every experiment with connections is answered from events that are in the log', async () => {
  for (const id of ['keep-alive', 'new-connection', 'end-by-close', 'end-by-drop']) {
    const { events } = await run(id);
    const known = new Set((await lab.events()).map(({ seq }) => seq));
    expect(events.length).toBeGreaterThan(20);
    expect(events.filter((seq) => !known.has(seq))).toEqual([]);
  }
});

test('a second one is refused while one runs; a reset breaks that off and leaves nothing open', async () => {
  const viewer = new TestViewer(lab.lab);
  onTestFinished(async () => {
    await setStepping('live');
  });
  // What is held can't come to its end before the other is asked for.
  await setStepping('step');
  const running = lab.call('POST', '/api/experiments/end-by-timeout/run', {});
  await viewer.until(({ events }) => events.some(({ type }) => type === 'bytes-held'));
  expect(await lab.call('POST', '/api/experiments/keep-alive/run', {})).toMatchObject({
    status: 409,
    body: { error: { code: 'experiment-running', message: '“The session ends: timed out” is running.' } },
  });
  await lab.call('POST', '/api/reset', {});
  expect(await running).toMatchObject({ status: 409, body: { error: { code: 'reset' } } });
  expect((await lab.events()).map(({ type }) => type)).toEqual(['epoch-started']);
  await setStepping('live');
  expect((await run('keep-alive')).measures).toMatchObject({ oneConnection: { connections: 1 } });
  viewer.close();
});

test('while stepping holds everything it says so, and goes on when that is let through', async () => {
  const viewer = new TestViewer(lab.lab);
  const held = new Promise<ExperimentProgress>((resolve) => {
    viewer.socket.on('experiment', (progress) => {
      if (progress.doing.includes('held by stepping')) resolve(progress);
    });
  });
  await viewer.until(({ events }) => events.length > 0);
  await setStepping('step');
  const running = run('keep-alive');
  expect(await held).toMatchObject({ id: 'keep-alive' });
  const late = new TestViewer(lab.lab);
  expect(await new Promise((resolve) => late.socket.once('experiment', resolve))).toMatchObject({
    doing: expect.stringContaining('held by stepping') as string,
  });
  late.close();
  await setStepping('live');
  expect((await running).measures).toMatchObject({ oneConnection: { handshakes: 1 } });
  viewer.close();
});

test('no secret of an experiment is printed in the terminal', async () => {
  await run('new-connection');
  const told = (await lab.events()).flatMap((event) => (event.type === 'secrets-logged' ? [event.line] : []));
  expect(told.length).toBeGreaterThanOrEqual(24);
  for (const line of told) expect(lab.printed()).not.toContain(line.split(' ')[2]);
});
