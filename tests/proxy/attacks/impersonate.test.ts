import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { AttackRun, AttackVerdict, ConnectionOpened, LogEvent, LoginAnswer } from '#contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { capturedBytes, startLabProcess, type LabProcess } from '../../support/lab-process.ts';
import { isTsharkMissing, tsharkFields } from '../../support/tshark.ts';

const PERSONA = { mobile: '9800000012', password: 'monsoon-42' };

let lab: LabProcess;
beforeAll(async () => (lab = await startLabProcess()));
afterAll(() => lab.stop());
beforeEach(() => lab.call('POST', '/api/reset', {}));

async function run(body: object = {}): Promise<{ http: AttackVerdict; https: AttackVerdict }> {
  const answer = await lab.call('POST', '/api/attacks/impersonate/run', body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  const { http, https } = answer.body as AttackRun;
  if (!http || !https) throw new Error('a lane was left out');
  return { http, https };
}

/** `startLabProcess` gives the two methods that nearly all calls have. */
async function put(path: string, body: object): Promise<void> {
  const headers = { Authorization: `Bearer ${lab.lab.token}`, 'Content-Type': 'application/json' };
  const { status } = await fetch(lab.lab.dashboard + path, {
    ...{ method: 'PUT', headers, body: JSON.stringify(body) },
  });
  expect(status).toBe(200);
}

const isHeld = async () => (await lab.events()).some(({ type }) => type === 'bytes-held');

/** The process that stands in the site's place. */
function engine(): number {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  const rows = table.split('\n').map((row) => row.trim().split(/\s+/));
  const own = rows.find(
    (row) => Number(row[1]) === lab.process.pid && row.join(' ').includes('engine-process'),
  );
  return Number(own?.[0]);
}

function opened(events: readonly LogEvent[], name: string, port: number): readonly ConnectionOpened[] {
  return events.flatMap((event) =>
    event.type === 'connection-opened' && event.server.name === name && event.server.port === port
      ? [event]
      : [],
  );
}

const handledIn = (events: readonly LogEvent[]) =>
  events.flatMap((event) => (event.type === 'request-handled' ? [`${event.method} ${event.path}`] : []));

/** What the site says is left on the account; asked past the relay's log of this run. */
async function balance(): Promise<number> {
  const listen = lab.lab.routes.find(({ name, port }) => name === 'piggypay.test' && port === 80)?.listen;
  const at = `http://127.0.0.1:${listen}/api/v1`;
  const headers = { 'Content-Type': 'application/json' };
  const login = await fetch(`${at}/login`, { method: 'POST', headers, body: JSON.stringify(PERSONA) });
  const { token } = (await login.json()) as { token: string };
  const answer = await fetch(`${at}/balance`, { headers: { Authorization: `Bearer ${token}` } });
  return ((await answer.json()) as { balance: number }).balance;
}

test('over HTTP the victim takes the stranger for the site, which hears nothing of it', async () => {
  const { http } = await run();
  expect(http).toMatchObject({ outcome: 'succeeded', siteHandled: 0 });
  expect(http.victimSaw).toContain('answered 200');
  const events = await lab.events();
  const [cafe, ...others] = opened(events, 'piggypay.test', 80);
  expect(others).toEqual([]);
  expect(http.connections).toEqual([cafe?.connection]);
  const sent = capturedBytes(events, cafe?.connection ?? 0, 'client-to-server').toString();
  expect(sent).toContain(PERSONA.password);
  expect(handledIn(events)).toEqual([]);
});

test('who does not trust the stranger’s CA leaves after its certificate, and nobody hears a word', async () => {
  const before = await balance();
  await lab.call('POST', '/api/reset', {});
  const { https } = await run();
  expect(https).toMatchObject({
    outcome: 'refused',
    siteHandled: 0,
    siteCounted: { transfersBooked: 0 },
    victimSaw: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE: unable to verify the first certificate',
  });
  const events = await lab.events();
  const [cafe, ...others] = opened(events, 'piggypay.test', 443);
  // No second leg: the stranger has nothing to pass on.
  expect(others).toEqual([]);
  expect(handledIn(events)).toEqual([]);
  expect(events.filter(({ type }) => type === 'attack-acted')).toEqual([]);
  const connection = cafe?.connection ?? 0;
  expect(cafe).toMatchObject({ hop: 'cafe', opener: 'scripted-victim' });
  const sent = capturedBytes(events, connection, 'client-to-server');
  expect(sent[0]).toBe(22);
  expect(sent.length).toBe(5 + sent.readUInt16BE(3));
  expect(https.happened).toContain(`its ClientHello of ${sent.length} bytes and nothing more`);
  expect(events).toContainEqual(
    expect.objectContaining({
      ...{ type: 'handshake-failed', vantage: 'victim', connection, code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
    }),
  );
  expect(await balance()).toBe(before);
});

test('who trusts it is read and changed: both legs in the log, the site books what the stranger wrote', async () => {
  const before = await balance();
  await lab.call('POST', '/api/reset', {});
  const { https } = await run({ trust: true });
  expect(https).toMatchObject({
    outcome: 'succeeded',
    siteHandled: 3,
    siteCounted: { transfersBooked: 1, changedTransfersBooked: 1 },
  });
  const events = await lab.events();
  const [cafe, onward, ...others] = opened(events, 'piggypay.test', 443);
  expect(others).toEqual([]);
  expect(cafe).toMatchObject({ hop: 'cafe', opener: 'scripted-victim' });
  expect(onward).toMatchObject({ hop: 'onward', opener: 'stranger' });
  expect(https.connections).toEqual([cafe?.connection, onward?.connection]);
  // Sealed on both legs.
  for (const leg of [cafe, onward])
    for (const direction of ['client-to-server', 'server-to-client'])
      expect(capturedBytes(events, leg?.connection ?? 0, direction).includes(PERSONA.password)).toBe(false);
  const handled = events.flatMap((event) => (event.type === 'request-handled' ? [event] : []));
  expect(handled.map(({ connection }) => connection)).toEqual(Array(3).fill(onward?.connection));
  expect(handled.map(({ path }) => path)).toEqual(['/', '/api/v1/login', '/api/v1/transfer']);
  const received = events.find((event) => event.type === 'certificate-received');
  if (received?.type !== 'certificate-received') throw new Error('no certificate');
  expect(received).toMatchObject({ connection: cafe?.connection, host: 'piggypay.test' });
  expect(received.error).toBeUndefined();
  expect(received.trusted.length).toBe(2);
  // The site's own balance: once what the victim meant, nine times over.
  const after = await balance();
  await lab.call('POST', '/api/reset', {});
  expect(before - after).toBe(900);
});

test.skipIf(isTsharkMissing)('tshark reads the same requests on both legs, but for the amount', async () => {
  await run({ trust: true });
  const folder = await mkdtemp(join(tmpdir(), 'impersonate-'));
  try {
    const headers = { Authorization: `Bearer ${lab.lab.token}` };
    const capture = await fetch(`${lab.lab.dashboard}/api/capture.pcapng?keys=1`, { headers });
    const file = join(folder, 'capture.pcapng');
    await writeFile(file, Buffer.from(await capture.arrayBuffer()));
    const fields = ['frame.interface_name', 'http.request.method', 'http.request.uri', 'json.value.number'];
    const rows = await tsharkFields(file, 'tls && http.request', ...fields);
    const leg = (name: string) => rows.filter(([hop]) => hop === name).map(([, ...rest]) => rest);
    expect(leg('cafe').map(([method, uri]) => `${method} ${uri}`)).toEqual([
      ...['GET /', 'POST /api/v1/login', 'POST /api/v1/transfer'],
    ]);
    expect(leg('onward').slice(0, 2)).toEqual(leg('cafe').slice(0, 2));
    expect([leg('cafe')[2]?.[2], leg('onward')[2]?.[2]]).toEqual(['100', '900']);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('afterwards the victim speaks with the site again, and trusts the stranger’s CA no more', async () => {
  await run({ trust: true });
  await lab.call('POST', '/api/reset', {});
  const login = await lab.call('POST', '/api/victim/login', { ...PERSONA, site: 'both' });
  const { http, https } = login.body as LoginAnswer;
  expect([http, https]).toMatchObject([{ ok: true }, { ok: true }]);
  const events = await lab.events();
  expect(new Set(events.flatMap((event) => ('hop' in event ? [event.hop] : [])))).toEqual(
    new Set(['resolver', 'cafe']),
  );
  const received = events.flatMap((event) => (event.type === 'certificate-received' ? [event] : []));
  expect(received.map(({ trusted }) => trusted.length)).toEqual([1]);
  expect(handledIn(events).length).toBe(6);
  expect((await run()).https.outcome).toBe('refused');
});

test('nothing of the stranger’s CA lies on the disk', async () => {
  await run({ trust: true });
  const folder = dirname(lab.lab.ca);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  expect(files.length).toBeGreaterThan(0);
  for (const { parentPath, name } of files) {
    const contents = readFileSync(join(parentPath, name), 'latin1');
    expect(contents, name).not.toContain('stranger CA');
    if (name.endsWith('.pem')) expect(new X509Certificate(contents).subject).toContain('lab CA');
  }
});

test('a reset in the middle breaks it off, and leads the victim back to the site', async () => {
  await put('/api/stepping', { mode: 'step' });
  const running = lab.call('POST', '/api/attacks/impersonate/run', { trust: true });
  await expect.poll(isHeld).toBe(true);
  await put('/api/stepping', { mode: 'live' });
  await lab.call('POST', '/api/reset', {});
  expect([200, 409, 502]).toContain((await running).status);
  await lab.call('POST', '/api/reset', {});
  const login = await lab.call('POST', '/api/victim/login', { ...PERSONA, site: 'https' });
  expect((login.body as LoginAnswer).https).toMatchObject({ ok: true });
});

test('a process that dies in the middle gives no verdict, the victim is not led to the site, and all goes on', async () => {
  await put('/api/stepping', { mode: 'step', lane: 'https' });
  const running = lab.call('POST', '/api/attacks/impersonate/run', { trust: true });
  await expect.poll(isHeld).toBe(true);
  process.kill(engine(), 'SIGKILL');
  await put('/api/stepping', { mode: 'live' });
  const { status, body } = await running;
  expect(status).toBe(502);
  expect(body).toMatchObject({ error: { code: 'attack-failed' } });
  expect(handledIn(await lab.events())).toEqual([]);
  const login = await lab.call('POST', '/api/victim/login', { ...PERSONA, site: 'both' });
  expect(login.body).toMatchObject({ http: { ok: true }, https: { ok: true } });
  expect((await run({ trust: true })).https.outcome).toBe('succeeded');
});
