import { connect } from 'node:net';
import type { AttackInfo, AttackLane, AttackRun, AttackVerdict, LogEvent, LoginAnswer } from '#contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { capturedBytes, startLabProcess, type LabProcess } from '../../support/lab-process.ts';

const HOST = 'bank-redirect.test';
const PERSONA = { mobile: '9800000012', password: 'monsoon-42' };

let lab: LabProcess;
beforeAll(async () => (lab = await startLabProcess()));
afterAll(() => lab.stop());
beforeEach(() => lab.call('POST', '/api/reset', {}));

async function run(): Promise<Record<AttackLane, AttackVerdict>> {
  const answer = await lab.call('POST', '/api/attacks/strip/run', {});
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  const { http, https } = answer.body as AttackRun;
  if (!http || !https) throw new Error('a lane was left out');
  return { http, https };
}

const post = (verb: 'arm' | 'disarm') => lab.call('POST', `/api/attacks/strip/${verb}`, {});

async function logIn(host: string, site: AttackLane): Promise<LoginAnswer[AttackLane]> {
  const { body } = await lab.call('POST', '/api/victim/login', { ...PERSONA, site, host });
  return (body as LoginAnswer)[site];
}

async function whileArmed(): Promise<AttackInfo['whileArmed']> {
  const { attacks } = (await lab.call('GET', '/api/attacks')).body as { attacks: readonly AttackInfo[] };
  return attacks.find(({ id }) => id === 'strip')?.whileArmed ?? {};
}

/** Connections to a port of a host, in order of appearance. */
function connections(events: readonly LogEvent[], host: string, port: number) {
  return events.flatMap((event) =>
    event.type === 'connection-opened' && event.server.name === host && event.server.port === port
      ? [event]
      : [],
  );
}

/** What the site says that it has handled, by connection. */
function handledOn(events: readonly LogEvent[], connection: number | undefined): readonly string[] {
  return events.flatMap((event) =>
    event.type === 'request-handled' && event.connection === connection
      ? [`${event.method} ${event.path} ${event.status}`]
      : [],
  );
}

const sent = (events: readonly LogEvent[], connection: number | undefined) =>
  capturedBytes(events, connection ?? 0, 'client-to-server').toString('latin1');

/** Numbers of the events that tell of a cookie that went on otherwise; at least one. */
function cookieChanges(events: readonly LogEvent[]): number[] {
  const numbers = events.flatMap((event) =>
    event.type === 'attack-acted' &&
    Buffer.from((event.before ?? '') as unknown as string, 'base64')
      .toString()
      .includes('Set-Cookie')
      ? [event.seq]
      : [],
  );
  expect(numbers).not.toEqual([]);
  return numbers;
}

const errand = ['GET / 200', 'POST /api/v1/login 200', 'GET /api/v1/balance 200'];

test('where a site only redirects, the login crosses in clear and reaches it over HTTPS all the same', async () => {
  const { http } = await run();
  expect(http).toMatchObject({
    ...{ outcome: 'succeeded', siteHandled: 3 },
    siteCounted: { requestsHandledOverHttp: 0, loginsHandledOverHttps: 1 },
  });
  const events = await lab.events();
  const [usual, stripped, ...others] = connections(events, HOST, 80);
  const [direct, onward, ...more] = connections(events, HOST, 443);
  expect([others, more]).toEqual([[], []]);
  // As it is: one request in clear, and the rest sealed.
  expect(handledOn(events, usual?.connection)).toEqual(['GET / 301']);
  expect(sent(events, usual?.connection)).not.toContain(PERSONA.password);
  expect(handledOn(events, direct?.connection)).toEqual(errand);
  expect(direct).toMatchObject({ hop: 'cafe', opener: 'scripted-victim' });
  // With the stranger: both legs, the same requests.
  expect(stripped).toMatchObject({ hop: 'cafe', opener: 'scripted-victim' });
  expect(onward).toMatchObject({ hop: 'onward', opener: 'stranger' });
  expect(sent(events, stripped?.connection)).toContain(PERSONA.password);
  expect(sent(events, onward?.connection)).not.toContain(PERSONA.password);
  expect(handledOn(events, stripped?.connection)).toEqual([]);
  expect(handledOn(events, onward?.connection)).toEqual(errand);
  expect(http.connections.slice(0, 2)).toEqual([stripped?.connection, onward?.connection]);
  expect(http.victimSaw).toContain(`The address was http://${HOST}/`);
  expect(http.trials).toMatchObject([
    { title: 'Without the stranger', connections: [usual?.connection, direct?.connection] },
    { outcome: 'succeeded', connections: [stripped?.connection, onward?.connection] },
  ]);
  expect(http.trials?.[0]).not.toHaveProperty('outcome');
});

test('with HSTS the first visit is as open, and the second asks nothing over HTTP', async () => {
  const { https } = await run();
  expect(https).toMatchObject({
    ...{ outcome: 'no effect', siteHandled: 0 },
    siteCounted: {
      loginsThroughTheStrangerOnTheFirstVisit: 1,
      loginsThroughTheStrangerOnTheLastVisit: 0,
    },
  });
  const events = await lab.events();
  const host = 'bank-hsts.test';
  const plain = connections(events, host, 80);
  const secure = connections(events, host, 443);
  expect(plain.map(({ connection }) => sent(events, connection).includes(PERSONA.password))).toEqual([
    ...[true, false],
  ]);
  expect(secure.map(({ hop }) => hop)).toEqual(['onward', 'cafe', 'cafe']);
  for (const { connection } of secure) expect(handledOn(events, connection)).toEqual(errand);
  expect(https.trials?.map(({ title, outcome }) => [title, outcome])).toEqual([
    ['First visit, with the stranger', 'succeeded'],
    ['Then one without it', undefined],
    ['Then with it again', 'no effect'],
  ]);
  // All of the second visit lies behind the last byte over HTTP.
  expect(secure[2]?.connection).toBe(https.connections[0]);
  expect(secure[2]?.connection).toBeGreaterThan(Math.max(...plain.map(({ connection }) => connection)));
  // The stranger has taken out what would have told the victim on its first visit.
  const taken = events.flatMap((event) => (event.type === 'attack-acted' ? [event] : []));
  const stripped = taken.filter(({ connection }) => connection === plain[0]?.connection);
  expect(stripped.length).toBeGreaterThan(0);
  for (const { before = new Uint8Array(), after } of stripped) {
    expect(Buffer.from(before as unknown as string, 'base64').toString()).toContain(
      'Strict-Transport-Security: max-age=31536000; includeSubDomains',
    );
    expect(after).toBeDefined();
  }
});

test('armed, it waits for whoever comes over HTTP, and says what came of it', async () => {
  expect(await post('arm')).toMatchObject({ status: 200, body: { isArmed: true, whileArmed: {} } });
  const armed = await logIn(HOST, 'http');
  expect(armed).toMatchObject({ ok: true, status: 200 });
  await expect
    .poll(async () => (await whileArmed()).http)
    .toMatchObject({
      ...{ outcome: 'succeeded', siteCounted: { requestsHandledOverHttp: 0, loginsHandledOverHttps: 1 } },
      connections: [armed?.connection, expect.any(Number)],
    });
  const events = await lab.events();
  const [onward] = connections(events, HOST, 443);
  expect(onward).toMatchObject({ hop: 'onward', opener: 'stranger' });
  expect(handledOn(events, onward?.connection)).toEqual(errand);
  // The answer is changed when the site has said already that it handled the login.
  await expect
    .poll(async () => (await whileArmed()).http?.evidence)
    .toEqual(expect.arrayContaining(cookieChanges(await lab.events())));

  const direct = await logIn('bank-hsts.test', 'https');
  expect(direct).toMatchObject({ ok: true });
  await expect
    .poll(async () => (await whileArmed()).https)
    .toMatchObject({
      ...{ outcome: 'no effect', siteHandled: 0, connections: [direct?.connection] },
      happened: expect.stringContaining('0 bytes over HTTP') as string,
    });
  // Of the other site nothing else is said by that.
  expect((await whileArmed()).http?.outcome).toBe('succeeded');
});

test('who knows of HSTS after a visit that was stripped is told of by its own requests alone', async () => {
  await post('arm');
  const host = 'bank-hsts.test';
  await logIn(host, 'http');
  await expect
    .poll(async () => (await whileArmed()).https)
    .toMatchObject({
      ...{ outcome: 'succeeded', siteHandled: 3 },
      happened: expect.stringContaining('once it has opened https://bank-hsts.test itself') as string,
    });
  await logIn(host, 'https');
  await expect
    .poll(async () => (await whileArmed()).https)
    .toMatchObject({
      ...{ outcome: 'no effect', siteHandled: 0 },
      siteCounted: { itsOwnRequestsOverHttps: 3, loginsAmongThem: 1 },
    });
});

test('a login that the site refuses is no success', async () => {
  await post('arm');
  const wrong = { ...PERSONA, password: 'not-the-one', site: 'http', host: HOST };
  const { body } = await lab.call('POST', '/api/victim/login', wrong);
  expect((body as LoginAnswer).http).toMatchObject({ ok: false, status: 401 });
  // The word on another lane comes behind it.
  await logIn('bank-hsts.test', 'https');
  await expect.poll(async () => (await whileArmed()).https).toBeDefined();
  expect((await whileArmed()).http).toBeUndefined();
});

test('disarmed or reset, the site answers its redirect itself again, also to who was there before', async () => {
  for (const end of [() => post('disarm'), () => lab.call('POST', '/api/reset', {})]) {
    await post('arm');
    expect(await logIn(HOST, 'http')).toMatchObject({ ok: true });
    await end();
    expect(await logIn(HOST, 'http')).toMatchObject({ ok: false, status: 301 });
    const events = await lab.events();
    const last = connections(events, HOST, 80).slice(-2);
    expect(last.flatMap(({ connection }) => handledOn(events, connection))).toEqual([
      ...['GET / 301', 'POST /api/v1/login 301'],
    ]);
    await lab.call('POST', '/api/reset', {});
  }
});

test('a connection that is open when it is armed is broken off: a browser keeps some for later', async () => {
  const { listen = 0 } = lab.lab.routes.find(({ name, port }) => name === HOST && port === 80) ?? {};
  const client = connect({ host: '127.0.0.1', port: listen });
  let error: string | undefined;
  client.on('error', (thrown: NodeJS.ErrnoException) => (error = thrown.code));
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  await expect.poll(async () => connections(await lab.events(), HOST, 80).length).toBe(1);
  await post('arm');
  await closed;
  expect(error).toBe('ECONNRESET');
});
