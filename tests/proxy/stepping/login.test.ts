import type { LogEvent, LoginAnswer, Stepping } from '#contract';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { capturedBytes, startLabProcess, type LabProcess } from '../../support/lab-process.ts';
import { otherRoundTrip } from './stepped.ts';
import { Steps } from './steps.ts';

let lab: LabProcess;
let steps: Steps;

beforeAll(async () => (lab = await startLabProcess()));
afterAll(() => lab.stop());
beforeEach(async () => {
  await lab.call('POST', '/api/reset', {});
  steps = new Steps(lab.lab);
});
afterEach(async () => {
  await steps.mode('live');
  steps.close();
});

async function logIn(site: 'http' | 'https' | 'both'): Promise<LoginAnswer> {
  const { body } = await lab.call('POST', '/api/victim/login', {
    ...{ mobile: '9800000012', password: 'monsoon-42', site },
  });
  return body as LoginAnswer;
}

/** Lengths of the TLS records in a stream, read off their headers (RFC 8446, 5.1). */
function records(stream: Buffer): number[] {
  const lengths: number[] = [];
  for (let at = 0; at < stream.length; at += lengths.at(-1) ?? stream.length)
    lengths.push(5 + stream.readUInt16BE(at + 3));
  return lengths;
}

function handled(events: readonly LogEvent[]): number {
  return events.filter(({ type }) => type === 'request-handled').length;
}

describe('a login of the scripted victim, unit by unit', () => {
  test('over HTTP: six messages, and the site hears of none before it is let through', async () => {
    await steps.mode('step');
    const login = logIn('http');
    const first = await steps.waiting('http');
    expect(first).toMatchObject({ direction: 'client-to-server', complete: true });
    expect(first.unit).toMatch(/^GET \/, \d+ B, victim → site$/);
    await otherRoundTrip();
    expect(handled(await lab.events())).toBe(0);

    const { units, answer } = await steps.until('http', login);
    expect(units.map(({ unit }) => unit.replace(/, [\d,]+ B/, ''))).toEqual([
      'GET /, victim → site',
      '200 OK, site → victim',
      'POST /api/v1/login, victim → site',
      '200 OK, site → victim',
      'GET /api/v1/balance, victim → site',
      '200 OK, site → victim',
    ]);
    expect(answer.http).toMatchObject({ ok: true, status: 200, requests: 3 });
    const events = await lab.events();
    expect(events.filter(({ type }) => type === 'bytes-released')).toHaveLength(6);
    expect(handled(events)).toBe(3);
  });

  test('over HTTPS: record by record, the whole handshake, and the same answer', async () => {
    await steps.mode('step');
    const { units, answer } = await steps.until('https', logIn('https'));
    expect(answer.https).toMatchObject({ ok: true, status: 200, requests: 3 });
    const events = await lab.events();
    const connection = answer.https?.connection ?? 0;
    const lengths = (['client-to-server', 'server-to-client'] as const).map((direction) =>
      records(capturedBytes(events, connection, direction)),
    );
    for (const [index, direction] of (['client-to-server', 'server-to-client'] as const).entries()) {
      const stepped = units.filter((unit) => unit.direction === direction && unit.connection === connection);
      // The last records, close_notify for one, may still be held: the answer did not wait for them.
      expect(lengths[index]?.slice(0, stepped.length)).toEqual(stepped.map(({ bytes }) => bytes));
    }
    expect(units[0]?.unit).toMatch(/^ClientHello, \d+ B, victim → site$/);
    expect(units[1]?.unit).toMatch(/^ServerHello, \d+ B, site → victim$/);
    expect(units.filter(({ unit }) => unit.includes('share this record go together')).length).toBeGreaterThan(
      0,
    );
    expect(units.length).toBeGreaterThanOrEqual(12);
  });

  test('on both: each step is one unit of each lane', async () => {
    await steps.mode('step');
    const login = logIn('both');
    await Promise.all([steps.waiting('http'), steps.waiting('https')]);
    await steps.next();
    const released = (await lab.events()).filter((event) => event.type === 'bytes-released');
    expect(new Set(released.map((event) => event.connection)).size).toBe(2);
    expect(released).toHaveLength(2);
    await steps.mode('live');
    expect(await login).toMatchObject({ http: { ok: true }, https: { ok: true } });
  });

  test('with one lane held, the other goes its way', async () => {
    await steps.mode('step', 'https');
    expect((await logIn('http')).http).toMatchObject({ ok: true });
    const login = logIn('https');
    const { lane, unit } = await steps.waiting('https');
    expect([lane, unit]).toEqual(['https', expect.stringContaining('ClientHello')]);
    await steps.mode('live');
    expect((await login).https).toMatchObject({ ok: true });
  });

  test('is broken off by a reset of the lab while its bytes are held; the next one is held again', async () => {
    await steps.mode('step');
    const login = logIn('both');
    await Promise.all([steps.waiting('http'), steps.waiting('https')]);
    expect((await lab.call('POST', '/api/reset', {})).status).toBe(200);
    expect(await login).toMatchObject({
      http: { ok: false, error: { code: 'reset' } },
      https: { ok: false, error: { code: 'reset' } },
    });
    expect(await steps.state()).toMatchObject({ mode: 'step', held: [] });
    expect(handled(await lab.events())).toBe(0);
    const { answer } = await steps.until('http', logIn('http'));
    expect(answer.http).toMatchObject({ ok: true });
  });
});

describe('the calls', () => {
  test('answer the mode of each lane and what is held', async () => {
    const live: Stepping = { mode: 'live', lanes: { http: 'live', https: 'live' }, held: [] };
    expect(await steps.call('GET', '')).toEqual({ status: 200, body: live });
    expect(await steps.call('PUT', '', { mode: 'step', lane: 'http' })).toEqual({
      status: 200,
      body: { mode: 'step', lanes: { http: 'step', https: 'live' }, held: [] },
    });
    expect(await steps.call('POST', '/next', { lane: 'http' })).toMatchObject({ status: 200 });
    expect(await steps.call('POST', '/next')).toMatchObject({ status: 200 });
    expect(await steps.call('PUT', '', { mode: 'live' })).toEqual({ status: 200, body: live });
  });

  test.each([
    ['PUT', '', {}, 'bad-stepping-request'],
    ['PUT', '', { mode: 'fast' }, 'bad-stepping-request'],
    ['PUT', '', { mode: 'step', lane: 'ftp' }, 'bad-stepping-request'],
    ['PUT', '', { mode: 'step', lanes: 'http' }, 'bad-stepping-request'],
    ['PUT', '', [], 'bad-stepping-request'],
    ['PUT', '', undefined, 'bad-stepping-request'],
    ['PUT', '', '{', 'bad-request'],
    ['POST', '/next', { lane: 7 }, 'bad-next-request'],
    ['POST', '/next', { count: 7 }, 'bad-next-request'],
  ] as const)('refuse %s %s with the body %j', async (method, path, body, code) => {
    const { status, body: answer } = await steps.call(method, path, body);
    expect([status, answer]).toMatchObject([400, { error: { code } }]);
    expect(await steps.state()).toMatchObject({ mode: 'live' });
  });

  test('refuse a next where nothing is held on purpose', async () => {
    const refused = { status: 409, body: { error: { code: 'not-stepping' } } };
    expect(await steps.call('POST', '/next', {})).toMatchObject(refused);
    await steps.mode('step', 'http');
    expect(await steps.call('POST', '/next', { lane: 'https' })).toMatchObject(refused);
  });
});
