import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { AttackId, AttackRun, LogEvent } from '#contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import { type AttackedLab, openAttackedLab } from './attacked-lab.ts';

let lab: AttackedLab;
beforeEach(async () => (lab = await openAttackedLab()));
afterEach(() => lab.close());

const run = async (id: AttackId): Promise<Required<AttackRun>> =>
  (await lab.attacks.run(id)) as Required<AttackRun>;

/** The events that a verdict points at. */
function shown(evidence: readonly number[]): readonly LogEvent[] {
  return evidence.flatMap((seq) => lab.log.after(seq - 1, 1));
}

function ofType<Type extends LogEvent['type']>(events: readonly LogEvent[], type: Type) {
  return events.filter((event): event is Extract<LogEvent, { type: Type }> => event.type === type);
}

/** What the site has booked, by its own books. */
const booked = () => lab.site.counters.transfers().map(({ payee, amount }) => `${amount} to ${payee}`);

test('read finds the password at its place over HTTP, and nowhere over HTTPS', async () => {
  const { http, https } = await run('read');
  expect(http).toMatchObject({ outcome: 'succeeded', siteHandled: 0 });
  const bytes = ofType(shown(http.evidence), 'bytes-captured').map(({ bytes }) => Buffer.from(bytes));
  expect(Buffer.concat(bytes).toString()).toContain(`"password":"${PERSONA.password}"`);
  expect(https).toMatchObject({ outcome: 'no effect', siteHandled: 0 });
  const [connection] = https.connections;
  const captured = ofType(lab.log.after(0), 'bytes-captured').filter(
    (event) => event.connection === connection,
  );
  const bytesCaptured = captured.reduce((sum, { bytes: { length } }) => sum + length, 0);
  expect(https.happened).toContain(`found 0 times in ${bytesCaptured.toLocaleString('en')} captured bytes`);
});

test('read counts the bytes of its own login, whatever the lane has carried before', async () => {
  const { mobile, password } = PERSONA;
  await lab.victim.login({ mobile, password, site: 'http' });
  const { http } = await run('read');
  const own = ofType(lab.log.after(0), 'bytes-captured').filter(
    ({ connection }) => connection === http.connections[0],
  );
  const length = own.reduce((sum, { bytes }) => sum + bytes.length, 0).toLocaleString('en');
  expect(http.happened).toBe(`The password was found once in ${length} captured bytes of this login.`);
});

test('change makes the site book what the stranger wrote, and over HTTPS nothing at all', async () => {
  const { http, https } = await run('change');
  expect(booked()).toEqual(['900 to The stranger']);
  expect(http).toMatchObject({
    outcome: 'succeeded',
    siteHandled: 1,
    siteCounted: { transfersBooked: 1, changedTransfersBooked: 1 },
  });
  const bodies = ofType(shown(http.evidence), 'attack-acted').map(({ before, after }) => [
    Buffer.from(before ?? []).toString(),
    Buffer.from(after ?? []).toString(),
  ]);
  expect(bodies).toContainEqual(['<body>', expect.stringMatching(/^<body><table.*The stranger wrote/)]);
  expect(bodies).toContainEqual(['{"payee":"Meera","amount":100}', '{"payee":"The stranger","amount":900}']);
  expect(https).toMatchObject({
    outcome: 'refused',
    siteHandled: 0,
    siteCounted: { transfersBooked: 0 },
  });
  expect(https.victimSaw).toMatch(/BAD_RECORD_MAC/);
  const [flip, ...others] = ofType(shown(https.evidence), 'attack-acted');
  expect(others).toEqual([]);
  expect((flip?.before?.[0] ?? 0) ^ (flip?.after?.[0] ?? 0)).toBe(1);
  // The page and the login had been answered: only the record with the transfer was touched.
  expect(ofType(shown(https.evidence), 'request-handled').map(({ path }) => path)).toEqual([
    '/',
    '/api/v1/login',
  ]);
});

test('replay makes the site book one transfer twice over HTTP, and handle nothing over HTTPS', async () => {
  const { http, https } = await run('replay');
  expect(booked()).toEqual(['100 to Meera', '100 to Meera', '100 to Meera']);
  expect(http).toMatchObject({
    outcome: 'succeeded',
    siteHandled: 3,
    siteCounted: { transfersBooked: 2, transfersOfTheVictim: 1, transfersReplayed: 1 },
  });
  expect(https).toMatchObject({
    outcome: 'refused',
    siteHandled: 0,
    siteCounted: { transfersBooked: 1, transfersOfTheVictim: 1, transfersReplayed: 0 },
  });
  expect(http.happened).toContain('/, /api/v1/login, /api/v1/transfer');
  expect(http.victimSaw).not.toBe(https.victimSaw);
  const events = lab.log.after(0);
  const sent = (connection: number | undefined) =>
    Buffer.concat(
      ofType(events, 'bytes-captured')
        .filter((event) => event.connection === connection && event.direction === 'client-to-server')
        .map(({ bytes }) => bytes),
    );
  const [own, again] = https.connections;
  // What the site reset before it was read never crossed the wire.
  const repeated = sent(again);
  expect(repeated.length).toBeGreaterThan(500);
  expect(sent(own).subarray(0, repeated.length).equals(repeated)).toBe(true);
  const opened = ofType(events, 'connection-opened').find(({ connection }) => connection === again);
  expect(opened?.opener).toBe('stranger');
  const failed = ofType(shown(https.evidence), 'handshake-failed');
  expect(failed.map(({ vantage, code }) => `${vantage}: ${code}`)).toEqual([
    expect.stringMatching(/^site: ERR_SSL_.*BAD_RECORD_MAC/),
  ]);
});

test('steal-session puts a second client on the session over HTTP, and finds no cookie over HTTPS', async () => {
  const { http, https } = await run('steal-session');
  expect(http).toMatchObject({ outcome: 'succeeded', siteHandled: 1, siteCounted: { clientsOnSession: 2 } });
  expect(http.happened).toContain('HttpOnly; SameSite=Lax');
  expect(https).toMatchObject({ outcome: 'no effect', siteHandled: 0, siteCounted: { clientsOnSession: 1 } });
  expect(lab.site.counters.sessions().map(({ clients }) => clients)).toEqual([
    ['Victim/1.0 (scripted) over HTTP', 'Stranger/1.0 over HTTP'],
    ['Victim/1.0 (scripted) over HTTPS'],
  ]);
  // The cookie itself opens the door, and is in no text.
  expect(JSON.stringify([http.happened, http.victimSaw])).not.toMatch(/sid=(?!…)/);
});

test('hash-login gets in with the hash alone over HTTP, and finds none over HTTPS', async () => {
  const { http, https } = await run('hash-login');
  expect(http).toMatchObject({
    outcome: 'succeeded',
    siteHandled: 1,
    siteCounted: { sessionsOfTheStranger: 1 },
  });
  expect(https).toMatchObject({ outcome: 'no effect', siteHandled: 0 });
  expect(lab.site.counters.sessions().map(({ clients }) => clients)).toEqual([
    ['Victim/1.0 (scripted) over HTTP'],
    ['Stranger/1.0 over HTTP'],
    ['Victim/1.0 (scripted) over HTTPS'],
  ]);
  const strangers = ofType(lab.log.after(0), 'bytes-captured').filter(
    ({ connection, direction }) => connection === http.connections[1] && direction === 'client-to-server',
  );
  const sent = Buffer.concat(strangers.map(({ bytes }) => bytes)).toString();
  expect(sent).toContain('"passwordHash"');
  expect(sent).not.toContain(PERSONA.password);
});

test('downgrade is noticed by the victim, and no request is handled', async () => {
  const { https, http } = await lab.attacks.run('downgrade');
  expect(http).toBeUndefined();
  expect(https).toMatchObject({ outcome: 'refused', siteHandled: 0 });
  expect(https?.victimSaw).toMatch(/ERR_SSL_INAPPROPRIATE_FALLBACK/);
  expect(lab.site.counters.sessions()).toEqual([]);
  const site = ofType(shown(https?.evidence ?? []), 'handshake-failed').filter(
    ({ vantage }) => vantage === 'site',
  );
  expect(site[0]?.code).toMatch(/ILLEGAL_PARAMETER/);
});

test('nothing is left armed by a run, and every verdict says what stops the attack', async () => {
  for (const { id } of lab.attacks.list()) {
    for (const verdict of Object.values((await lab.attacks.run(id)) as object) as unknown[]) {
      if (typeof verdict !== 'object' || verdict === null) continue;
      expect((verdict as { defence: string }).defence.length).toBeGreaterThan(40);
    }
    expect(lab.gate.isArmed(id)).toBe(false);
  }
  expect(lab.attacks.list().map(({ isArmed }) => isArmed)).not.toContain(true);
  const before = booked().length;
  const { http } = await lab.victim.transfer({ ...PERSONA, site: 'http', payee: 'Ravi', amount: 5 });
  expect(http).toMatchObject({ ok: true, payee: 'Ravi', amount: 5 });
  expect(booked().slice(before)).toEqual(['5 to Ravi']);
});

test('an armed change breaks the next request of an open HTTPS connection, and no other once disarmed', async () => {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 1,
    ca: lab.authorityPem,
    servername: 'piggypay.test',
  });
  const get = async (path: string): Promise<number | undefined> => {
    const sent = request({ host: '127.0.0.1', port: lab.door('https'), agent, path }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    await once(response.resume(), 'end');
    return response.statusCode;
  };
  try {
    expect(await get('/login')).toBe(200);
    const before = lab.site.requestsHandled();
    await lab.attacks.arm('change');
    await expect(get('/login')).rejects.toMatchObject({
      code: expect.stringMatching(/BAD_RECORD_MAC/) as string,
    });
    expect(lab.site.requestsHandled()).toBe(before);
    await lab.attacks.disarm('change');
    expect(await get('/login')).toBe(200);
    expect(ofType(lab.log.after(0), 'attack-acted').length).toBe(1);
  } finally {
    agent.destroy();
  }
});

test('none is run or armed while the lab is reset, and all are afterwards', async () => {
  await lab.attacks.whileSuspended(async () => {
    await lab.attacks.abandon();
    await expect(lab.attacks.run('read')).rejects.toMatchObject({ code: 'reset' });
    await expect(lab.attacks.arm('change')).rejects.toThrow('being reset');
  });
  await expect(lab.attacks.whileSuspended(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await lab.attacks.arm('change')).toMatchObject({ isArmed: true });
});

test('one at a time, none while one is armed, and a reset ends what runs', async () => {
  const running = lab.attacks.run('replay');
  await expect(lab.attacks.run('read')).rejects.toMatchObject({ code: 'attack-running' });
  await expect(lab.attacks.arm('change')).rejects.toThrow('running');
  const ended = expect(running).rejects.toMatchObject({ code: 'reset' });
  await Promise.all([lab.attacks.abandon(), lab.victim.abandon()]);
  await ended;
  expect(await lab.attacks.arm('change')).toMatchObject({ id: 'change', isArmed: true });
  await expect(lab.attacks.run('read')).rejects.toMatchObject({ code: 'attack-armed' });
  await lab.attacks.abandon();
  expect(lab.gate.isArmed('change')).toBe(false);
  const told =
    ofType(lab.log.after(0), 'attack-armed').length + ofType(lab.log.after(0), 'attack-disarmed').length;
  expect(told).toBe(2);
});
