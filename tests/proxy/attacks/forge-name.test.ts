import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type {
  AttackInfo,
  AttackRun,
  AttackVerdict,
  ConnectionOpened,
  LogEvent,
  LoginAnswer,
} from '#contract';
import { readCapture } from '#recording/read-capture.ts';
import { decode } from 'dns-packet';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { addressIn } from '../../../proxy/attacks/forged-answer.ts';
import { capturedBytes, startLabProcess, type LabProcess } from '../../support/lab-process.ts';
import { isTsharkMissing, tsharkFields } from '../../support/tshark.ts';

const PERSONA = { mobile: '9800000012', password: 'monsoon-42' };

let lab: LabProcess;
beforeAll(async () => (lab = await startLabProcess()));
afterAll(() => lab.stop());
beforeEach(() => lab.call('POST', '/api/reset', {}));

async function run(): Promise<{ http: AttackVerdict; https: AttackVerdict }> {
  const answer = await lab.call('POST', '/api/attacks/forge-name/run', {});
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  const { http, https } = answer.body as AttackRun;
  if (!http || !https) throw new Error('a lane was left out');
  return { http, https };
}

function opened(events: readonly LogEvent[], name: string, port: number): readonly ConnectionOpened[] {
  return events.flatMap((event) =>
    event.type === 'connection-opened' && event.server.name === name && event.server.port === port
      ? [event]
      : [],
  );
}

/** Where the lab's own site really listens. */
const siteAt = (port: number) =>
  lab.lab.routes.find((route) => route.name === 'piggypay.test' && route.port === port)?.address;

const handledOn = (events: readonly LogEvent[], connection: number | undefined) =>
  events.filter((event) => event.type === 'request-handled' && event.connection === connection).length;

/** The addresses that each answer in clear gave, in the order in which the victim got them. */
function answersIn(events: readonly LogEvent[]): readonly (readonly string[])[] {
  return opened(events, 'resolver.test', 53).map(({ connection }) =>
    events.flatMap((event) => {
      if (event.type !== 'bytes-captured' || event.connection !== connection) return [];
      if (event.direction === 'client-to-server') return [];
      const { answers = [] } = decode(Buffer.from(event.bytes));
      return answers.flatMap((record) => (record.type === 'A' ? [record.data] : []));
    }),
  );
}

test('over HTTP the victim believes the first answer, and the copy has its password', async () => {
  const { http } = await run();
  expect(http).toMatchObject({ outcome: 'succeeded', siteHandled: 0, siteCounted: { sessionsBegun: 0 } });
  const [inClear, sealed] = http.trials ?? [];
  expect(inClear).toMatchObject({ outcome: 'succeeded' });
  expect(inClear?.happened).toContain('answered 127.0.0.66 first; the resolver’s 127.0.0.1 came');
  expect(sealed).toMatchObject({ outcome: 'no effect' });
  expect(sealed?.happened).toContain('0 forged answers, and the site itself handled 3 requests');
  const events = await lab.events();
  const [copied, real, ...others] = opened(events, 'piggypay.test', 80);
  expect(others).toEqual([]);
  expect(copied?.server.address).not.toBe(siteAt(80));
  expect(real?.server.address).toBe(siteAt(80));
  const sent = capturedBytes(events, copied?.connection ?? 0, 'client-to-server').toString();
  expect(sent).toContain(PERSONA.password);
  const got = capturedBytes(events, copied?.connection ?? 0, 'server-to-client').toString();
  expect(got).toContain('A copy, made by the stranger');
  expect([copied, real].map((each) => handledOn(events, each?.connection))).toEqual([0, 3]);
});

test('over HTTPS the victim refuses the certificate, and says nothing of its login', async () => {
  const { https } = await run();
  expect(https).toMatchObject({
    ...{ outcome: 'refused', siteHandled: 0, siteCounted: { sessionsBegun: 0 } },
    victimSaw: 'DEPTH_ZERO_SELF_SIGNED_CERT: self-signed certificate',
  });
  expect(https.happened).toContain('0 requests reached the copy, and 0 the site');
  expect(https.trials?.[1]?.happened).toContain('0 forged answers, and the site itself handled 3 requests');
  const events = await lab.events();
  const [copied, real, ...others] = opened(events, 'piggypay.test', 443);
  expect(others).toEqual([]);
  expect(copied?.server.address).not.toBe(siteAt(443));
  expect([copied, real].map((each) => handledOn(events, each?.connection))).toEqual([0, 3]);
  const sent = capturedBytes(events, copied?.connection ?? 0, 'client-to-server');
  expect(sent[0]).toBe(22);
  expect(sent.length).toBe(5 + sent.readUInt16BE(3));
  expect(https.happened).toContain(`its ClientHello of ${sent.length} bytes and nothing more`);
  expect(events).toContainEqual(
    expect.objectContaining({
      ...{ type: 'handshake-failed', vantage: 'victim', connection: copied?.connection },
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    }),
  );
});

test('both answers have crossed, and the deed holds them beside each other', async () => {
  const { http } = await run();
  const events = await lab.events();
  expect(answersIn(events)).toEqual([
    ['127.0.0.66', '127.0.0.1'],
    ['127.0.0.66', '127.0.0.1'],
  ]);
  const deeds = events.flatMap((event) => (event.type === 'attack-acted' ? [event] : []));
  expect(deeds.length).toBe(2);
  const bytes = (value: unknown) => Buffer.from(value as string, 'base64');
  for (const { attack, connection = 0, direction, offset = 0, before, after } of deeds) {
    expect({ attack, direction }).toEqual({ attack: 'forge-name', direction: 'server-to-client' });
    const captured = capturedBytes(events, connection, 'server-to-client');
    expect(captured.subarray(0, offset)).toEqual(bytes(after));
    expect(captured.subarray(offset)).toEqual(bytes(before));
    const [forged, real] = [decode(bytes(after)), decode(bytes(before))];
    const query = decode(capturedBytes(events, connection, 'client-to-server'));
    expect([forged.id, forged.questions]).toEqual([query.id, query.questions]);
    expect([forged.id, forged.questions]).toEqual([real.id, real.questions]);
    expect(forged.answers).toMatchObject([{ name: 'piggypay.test', ttl: 60, data: '127.0.0.66' }]);
  }
  expect(http.evidence).toContain(deeds[0]?.seq);
  expect(http.evidence).toEqual([...http.evidence].sort((one, other) => one - other));
});

test.skipIf(isTsharkMissing)('tshark reads the forged answer before the true one', async () => {
  await run();
  const folder = await mkdtemp(join(tmpdir(), 'forge-name-'));
  try {
    const headers = { Authorization: `Bearer ${lab.lab.token}` };
    const capture = await fetch(`${lab.lab.dashboard}/api/capture.pcapng`, { headers });
    const file = join(folder, 'capture.pcapng');
    const written = new Uint8Array(await capture.arrayBuffer());
    await writeFile(file, written);
    const fields = ['dns.qry.name', 'dns.a', 'dns.resp.ttl'];
    const rows = await tsharkFields(file, 'dns.flags.response == 1', ...fields);
    const pair = [
      ['piggypay.test', '127.0.0.66', '60'],
      ['piggypay.test', '127.0.0.1', '0'],
    ];
    expect(rows).toEqual([...pair, ...pair]);
    expect(await tsharkFields(file, '_ws.malformed', 'frame.number')).toEqual([]);
    // The file opens again as it was, the stranger's word and both answers in it.
    const { events } = readCapture(written);
    expect(answersIn(events)).toEqual(pair.map(() => ['127.0.0.66', '127.0.0.1']));
    const deeds = events.flatMap((event) => (event.type === 'attack-acted' ? [event] : []));
    expect(deeds.map(({ after }) => addressIn(after))).toEqual(['127.0.0.66', '127.0.0.66']);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('afterwards the victim is told the truth again', async () => {
  await run();
  await lab.call('POST', '/api/reset', {});
  const login = await lab.call('POST', '/api/victim/login', { ...PERSONA, site: 'both' });
  expect(login.body as LoginAnswer).toMatchObject({ http: { ok: true }, https: { ok: true } });
  const events = await lab.events();
  expect(answersIn(events)).toEqual([['127.0.0.1']]);
  expect(events.filter(({ type }) => type === 'attack-acted')).toEqual([]);
  expect(opened(events, 'piggypay.test', 80).map(({ server }) => server.address)).toEqual([siteAt(80)]);
  expect((await run()).https.outcome).toBe('refused');
});

/** Stops what crosses over HTTP, and with it a run that has begun to lie, or lets it go on. */
async function setMode(mode: 'step' | 'live'): Promise<void> {
  const headers = { Authorization: `Bearer ${lab.lab.token}`, 'Content-Type': 'application/json' };
  const { status } = await fetch(`${lab.lab.dashboard}/api/stepping`, {
    ...{ method: 'PUT', headers, body: JSON.stringify({ mode, lane: 'http' }) },
  });
  expect(status).toBe(200);
}

const hasLied = async () => (await lab.events()).some(({ type }) => type === 'attack-acted');

test('other names are left alone while the stranger lies', async () => {
  onTestFinished(() => setMode('live'));
  await setMode('step');
  const running = run();
  await expect.poll(hasLied).toBe(true);
  const login = { ...PERSONA, site: 'https', host: 'tls12.test' };
  expect((await lab.call('POST', '/api/victim/login', login)).body).toMatchObject({ https: { ok: true } });
  await setMode('live');
  await running;
  const others = answersIn(await lab.events()).filter((answers) => answers.length === 1);
  expect(others).toEqual([['127.0.0.1']]);
});

const forgeName = async () => {
  const { attacks } = (await lab.call('GET', '/api/attacks')).body as { attacks: readonly AttackInfo[] };
  return attacks.find(({ id }) => id === 'forge-name');
};
const verdicts = async () => (await forgeName())?.whileArmed;

test('armed, it lies to the scripted victim on both lanes at once, until it is disarmed', async () => {
  expect((await lab.call('POST', '/api/attacks/forge-name/arm', {})).status).toBe(200);
  const login = () => lab.call('POST', '/api/victim/login', { ...PERSONA, site: 'both' });
  expect((await login()).body as LoginAnswer).toMatchObject({
    http: { ok: true },
    https: { ok: false, error: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } },
  });
  await expect.poll(verdicts, { interval: 5 }).toMatchObject({
    http: { outcome: 'succeeded', siteHandled: 0 },
    https: {
      ...{ outcome: 'refused', siteHandled: 0 },
      victimSaw: 'DEPTH_ZERO_SELF_SIGNED_CERT: self-signed certificate',
    },
  });
  const { http, https } = (await verdicts()) ?? {};
  const lie = 'The stranger answered 127.0.0.66 first; the resolver’s 127.0.0.1 came too late.';
  expect(http?.happened).toBe(
    `${lie} The scripted victim logged in there: the copy has its password, and the site handled 0 requests of it.`,
  );
  expect(https?.happened).toMatch(/and 0 bytes of a login\. 0 requests reached the copy, and 0 the site\.$/);
  expect((await lab.events()).filter(({ type }) => type === 'request-handled')).toEqual([]);

  expect((await lab.call('POST', '/api/attacks/forge-name/disarm', {})).status).toBe(200);
  expect((await login()).body as LoginAnswer).toMatchObject({ http: { ok: true }, https: { ok: true } });
  expect(answersIn(await lab.events())).toEqual([['127.0.0.66', '127.0.0.1'], ['127.0.0.1']]);
});

test('armed, it says of a look-up over HTTPS that it could not answer it', async () => {
  await lab.call('POST', '/api/attacks/forge-name/arm', {});
  await lab.call('POST', '/api/victim/login', { ...PERSONA, site: 'http', resolve: 'doh' });
  await expect.poll(verdicts, { interval: 5 }).toMatchObject({ http: { outcome: 'no effect' } });
  expect((await verdicts())?.http?.happened).toContain('No look-up of it was answered by the stranger');
});

test('it and impersonation cannot both lead the same visitors away', async () => {
  await lab.call('POST', '/api/attacks/forge-name/arm', {});
  expect(await lab.call('POST', '/api/attacks/impersonate/arm', {})).toMatchObject({
    ...{ status: 409, body: { error: { code: 'place-taken' } } },
  });
  expect((await forgeName())?.plan.http).toContain('The demo browser asks no resolver');
});

test('a reset in the middle breaks it off, and the resolver answers again', async () => {
  onTestFinished(() => setMode('live'));
  await setMode('step');
  const running = lab.call('POST', '/api/attacks/forge-name/run', {});
  await expect.poll(hasLied).toBe(true);
  await lab.call('POST', '/api/reset', {});
  expect((await running).status).toBe(409);
  await setMode('live');
  const login = await lab.call('POST', '/api/victim/login', { ...PERSONA, site: 'both' });
  expect(login.body as LoginAnswer).toMatchObject({ http: { ok: true }, https: { ok: true } });
  expect(answersIn(await lab.events())).toEqual([['127.0.0.1']]);
});

test.runIf(process.platform === 'linux')('everything still listens on 127.0.0.1 alone', async () => {
  await run();
  const { stdout } = await promisify(execFile)('ss', ['-Hltunp']);
  const own = stdout.split('\n').filter((line) => line.includes(`pid=${lab.process.pid},`));
  expect(own.length).toBeGreaterThan(0);
  for (const line of own) expect(line.trim().split(/\s+/)[4]).toMatch(/^127\.0\.0\.1:/);
});
