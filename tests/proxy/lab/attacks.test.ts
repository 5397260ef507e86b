import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { AttackInfo, AttackRun, LogEvent } from '#contract';
import { readCapture } from '#recording/read-capture.ts';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { capturedBytes, type LabProcess, startLabProcess } from '../../support/lab-process.ts';
import { Steps } from '../stepping/steps.ts';

let lab: LabProcess;
beforeAll(async () => (lab = await startLabProcess(['--proxy-port', '0'])));
afterAll(() => lab.stop());
beforeEach(() => lab.call('POST', '/api/reset', {}));

const post = async (path: string) => lab.call('POST', `/api/attacks/${path}`, {});
const list = async () =>
  ((await lab.call('GET', '/api/attacks')).body as { attacks: readonly AttackInfo[] }).attacks;

/** A client of PiggyPay over HTTP with a connection that it keeps, through the relay or past it. */
class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #port: number;
  cookie = '';

  constructor(way: 'through the relay' | 'past it') {
    const route = lab.lab.routes.find(({ name, port }) => name === 'piggypay.test' && port === 80);
    this.#port = way === 'past it' ? Number(route?.address.split(':')[1]) : (route?.listen ?? 0);
  }

  async send(method: 'GET' | 'POST', path: string, body?: object): Promise<string> {
    const sent = request({
      ...{ host: '127.0.0.1', port: this.#port, agent: this.#agent, method, path },
      headers: {
        ...{ Host: 'piggypay.test', 'Accept-Encoding': 'gzip', Cookie: this.cookie },
        ...(body && { 'Content-Type': 'application/json' }),
      },
    });
    sent.end(body && JSON.stringify(body));
    const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
    const cookie = response.headers['set-cookie']?.[0];
    if (cookie !== undefined) this.cookie = cookie.split(';', 1)[0] ?? '';
    let text = '';
    for await (const chunk of response) text += String(chunk);
    return text;
  }

  async logIn(): Promise<void> {
    const { persona } = (await lab.call('GET', '/api/victim')).body as {
      persona: { mobile: string; password: string };
    };
    const { mobile, password } = persona;
    await this.send('POST', '/api/v1/login', { mobile, password });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Whoever only reads what is sealed is noticed by nobody, nor whoever waits where nobody comes. */
const isSealed = (id: string) => ['read', 'steal-session', 'hash-login', 'strip'].includes(id);

test('an armed change acts on a client in the middle of its connection, and stops when it is disarmed', async () => {
  const client = new Client('through the relay');
  const atSite = new Client('past it');
  try {
    await client.logIn();
    expect(await client.send('GET', '/account')).not.toContain('The stranger wrote');
    expect(await post('change/arm')).toMatchObject({ status: 200, body: { id: 'change', isArmed: true } });
    expect(await client.send('GET', '/account')).toContain('The stranger wrote');
    await client.send('POST', '/api/v1/transfer', { payee: 'Meera', amount: 100 });
    expect(await post('change/disarm')).toMatchObject({ status: 200, body: { isArmed: false } });
    await client.send('POST', '/api/v1/transfer', { payee: 'Ravi', amount: 70 });

    // The site's own page, which no relay has touched.
    await atSite.logIn();
    const statement = await atSite.send('GET', '/account');
    expect(statement).toContain('The stranger');
    expect(statement).toContain('Ravi');
    expect(statement).not.toContain('Meera');

    const events = await lab.events();
    const opened = events.filter(({ type }) => type === 'connection-opened');
    expect(opened.length).toBe(1);
    const captured = capturedBytes(events, 1, 'client-to-server').toString();
    expect(captured).toContain('{"payee":"Meera","amount":100}');
    expect(captured).not.toContain('The stranger');
    expect(events.filter(({ type }) => type.startsWith('attack-')).map(({ type }) => type)).toEqual([
      'attack-armed',
      ...Array.from({ length: 5 }, () => 'attack-acted'),
      'attack-disarmed',
    ]);
  } finally {
    client.close();
    atSite.close();
  }
});

test('a reset disarms, and a recording is not attacked', async () => {
  await post('change/arm');
  expect((await list()).filter(({ isArmed }) => isArmed).map(({ id }) => id)).toEqual(['change']);
  // Measured would be what the stranger has changed.
  expect(await lab.call('POST', '/api/experiments/keep-alive/run', {})).toMatchObject({
    status: 409,
    body: { error: { code: 'attack-armed' } },
  });
  await lab.call('POST', '/api/reset', {});
  expect((await list()).some(({ isArmed }) => isArmed)).toBe(false);

  expect(await post('change/run')).toMatchObject({ status: 200 });
  const headers = { Authorization: `Bearer ${lab.lab.token}` };
  const file = await (await fetch(`${lab.lab.dashboard}/api/capture.pcapng`, { headers })).arrayBuffer();
  const acts = (events: readonly LogEvent[]) =>
    events.flatMap((event) => (event.type === 'attack-acted' ? [{ ...event, epoch: 0 }] : []));
  const written = acts(readCapture(new Uint8Array(file)).events);
  const told = acts(await lab.events()).map(({ before, after, ...rest }) => ({
    ...rest,
    // In base64, as all bytes of this call.
    before: new Uint8Array(Buffer.from(before as unknown as string, 'base64')),
    after: new Uint8Array(Buffer.from(after as unknown as string, 'base64')),
  }));
  expect(written.length).toBeGreaterThan(3);
  expect(written).toEqual(told);

  await post('change/arm');
  await fetch(`${lab.lab.dashboard}/api/import`, { method: 'POST', headers, body: file });
  expect((await list()).some(({ isArmed }) => isArmed)).toBe(false);
  for (const verb of ['run', 'arm'])
    expect(await post(`change/${verb}`)).toMatchObject({
      status: 409,
      body: { error: { code: 'recording-shown' } },
    });
});

test('the scripted victim that meets an armed stranger leaves, and the site hears of it no more than of the chat', async () => {
  const armed = await post('impersonate/arm');
  expect(armed).toMatchObject({ status: 200, body: { isArmed: true } });
  // It stands where this one would stand too.
  expect(await post('forge-name/arm')).toMatchObject({
    status: 409,
    body: { error: { code: 'place-taken' } },
  });
  const { persona } = (await lab.call('GET', '/api/victim')).body as { persona: object };
  const { body } = await lab.call('POST', '/api/victim/login', { ...persona, site: 'both' });
  expect(body).toMatchObject({ http: { ok: true }, https: { ok: false } });
  const verdicts = async () => (await list()).find(({ id }) => id === 'impersonate')?.whileArmed;
  await expect.poll(verdicts).toMatchObject({
    http: {
      outcome: 'succeeded',
      siteHandled: 0,
      happened: expect.stringContaining('the password') as string,
    },
    https: {
      ...{ outcome: 'refused', siteHandled: 0 },
      happened: expect.stringContaining('with no alert at all. 0 bytes') as string,
      victimSaw: expect.stringMatching(/^UNABLE_TO_VERIFY_LEAF_SIGNATURE/) as string,
    },
  });
  expect((await lab.events()).filter(({ type }) => type === 'request-handled')).toEqual([]);
  expect(await post('impersonate/disarm')).toMatchObject({ status: 200 });
  const after = await lab.call('POST', '/api/victim/login', { ...persona, site: 'both' });
  expect(after.body).toMatchObject({ http: { ok: true }, https: { ok: true } });
  expect((await lab.events()).filter(({ type }) => type === 'request-handled').length).toBeGreaterThan(0);
});

test('no attack is run or armed while an experiment measures', async () => {
  const steps = new Steps(lab.lab);
  try {
    // What is held can't come to its end before it is asked for.
    await steps.mode('step');
    const measuring = lab.call('POST', '/api/experiments/end-by-close/run', {});
    await steps.waiting('https');
    const running = { status: 409, body: { error: { code: 'experiment-running' } } };
    expect(await post('change/arm')).toMatchObject(running);
    expect(await post('change/run')).toMatchObject(running);
    await steps.mode('live');
    expect(await measuring).toMatchObject({ status: 200 });
  } finally {
    await steps.mode('live');
    steps.close();
  }
});

test('every attack comes out over the HTTP calls as it should', async () => {
  for (const { id, plan } of await list()) {
    const { body } = await post(`${id}/run`);
    const { http, https } = body as AttackRun;
    expect([id, http?.outcome, https?.outcome]).toEqual([
      id,
      plan.http === undefined ? undefined : 'succeeded',
      // Sizes are what encryption does not hide.
      plan.https === undefined
        ? undefined
        : id === 'listen'
          ? 'succeeded'
          : isSealed(id)
            ? 'no effect'
            : 'refused',
    ]);
  }
});
