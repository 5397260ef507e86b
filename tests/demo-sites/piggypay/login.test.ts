import { gzipSync } from 'node:zlib';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import { type RunningSite, TWINS, cookieOf, runSite, tokenOf } from './running-site.ts';

let running: RunningSite;
beforeAll(async () => (running = await runSite()));
afterAll(() => running.site.close());

const JSON_TYPE = { 'Content-Type': 'application/json' };

function errorCode(body: string): unknown {
  return (JSON.parse(body) as { error: { code: unknown } }).error.code;
}

describe.each(TWINS)('a login over %s', (twin) => {
  it('answers with the name, a token and a session cookie, which is Secure over HTTPS alone', async () => {
    const answer = await running.logIn(twin);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({
      ok: true,
      name: 'Asha',
      token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) as string,
    });
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(
        twin === 'http'
          ? /^sid=[\w%.]+; Path=\/; HttpOnly; SameSite=Lax$/
          : /^secure-sid=[\w%.]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      ),
    ]);
  });

  it.each([
    ['a wrong password', PERSONA.mobile, 'monsoon-43'],
    ['another number', '9800000013', PERSONA.password],
    ['the number written otherwise', '98000 00012', PERSONA.password],
    ['a name every object has', '__proto__', 'constructor'],
  ])('with %s is refused with 401 and the same words', async (_, mobile, password) => {
    const answer = await running.logIn(twin, { mobile, password });
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.body)).toEqual({
      ok: false,
      error: { code: 'wrong-credentials', message: 'This mobile number and password do not match.' },
    });
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('tells both secrets, as they were sent and under the client’s port, before it answers', async () => {
    running.told.length = 0;
    const { ports } = await running.logIn(twin, {
      mobile: '12 34',
      password: 'a "canary"\n',
    });
    await running.heard('request-handled');
    expect(running.told).toEqual([
      { type: 'secret-entered', ports, kind: 'mobile', value: '12 34' },
      { type: 'secret-entered', ports, kind: 'password', value: 'a "canary"\n' },
      {
        type: 'request-handled',
        ports,
        method: 'POST',
        path: '/api/v1/login',
        status: 401,
        count: running.site.requestsHandled(),
      },
    ]);
  });
});

describe('what is no login', () => {
  it.each([
    [
      'numbers instead of text',
      400,
      'incomplete-login',
      JSON_TYPE,
      JSON.stringify({ mobile: 9800000012, password: 42 }),
    ],
    [
      'a list instead of text',
      400,
      'incomplete-login',
      JSON_TYPE,
      JSON.stringify({ mobile: ['9800000012'], password: {} }),
    ],
    [
      'an empty password',
      400,
      'incomplete-login',
      JSON_TYPE,
      JSON.stringify({ mobile: '9800000012', password: '' }),
    ],
    [
      'a password of 257 characters',
      400,
      'incomplete-login',
      JSON_TYPE,
      JSON.stringify({ mobile: '1', password: 'x'.repeat(257) }),
    ],
    ['null', 400, 'bad-request', JSON_TYPE, 'null'],
    ['broken JSON', 400, 'bad-request', JSON_TYPE, '{"mobile":"canary'],
    [
      'a form',
      400,
      'incomplete-login',
      { 'Content-Type': 'application/x-www-form-urlencoded' },
      'mobile=9800000012&password=monsoon-42',
    ],
    [
      'JSON sent as text, as another site’s page could',
      400,
      'incomplete-login',
      { 'Content-Type': 'text/plain' },
      JSON.stringify(PERSONA),
    ],
    [
      'more than 16 kB',
      413,
      'body-too-large',
      JSON_TYPE,
      JSON.stringify({ mobile: 'x'.repeat(17_000), password: 'x' }),
    ],
    [
      'a compressed body',
      415,
      'unsupported-media-type',
      { ...JSON_TYPE, 'Content-Encoding': 'gzip' },
      gzipSync(JSON.stringify(PERSONA)),
    ],
  ] as const)('%s: %i %s, and no secret is told', async (_, status, code, headers, body) => {
    running.told.length = 0;
    const answer = await running.ask('http', '/api/v1/login', { method: 'POST', headers, body });
    expect(answer.status).toBe(status);
    expect(errorCode(answer.body)).toBe(code);
    expect(answer.body).not.toMatch(/canary|at .*\.[tj]s/);
    expect(running.told.filter(({ type }) => type === 'secret-entered')).toEqual([]);
  });

  it.each(['/nothing', '/api/v1/nothing', '/favicon.ico', '/%', '/../../etc/passwd'])(
    '%s is answered as JSON',
    async (path) => {
      const answer = await running.ask('http', path);
      expect([400, 404]).toContain(answer.status);
      expect(errorCode(answer.body)).toMatch(/^(not-found|bad-request)$/);
    },
  );
});

describe('the balance', () => {
  it('is shown to the cookie alone, and to the token alone of either twin on either twin', async () => {
    for (const [here, there] of [
      ['http', 'https'],
      ['https', 'http'],
    ] as const) {
      const login = await running.logIn(here);
      for (const [twin, headers] of [
        [here, { Cookie: cookieOf(login) }],
        [here, { Authorization: `Bearer ${tokenOf(login)}` }],
        [there, { Authorization: `Bearer ${tokenOf(login)}` }],
      ] as const) {
        const answer = await running.ask(twin, '/api/v1/balance', { headers });
        expect(answer.status).toBe(200);
        expect(JSON.parse(answer.body)).toEqual({ balance: 12480.5, currency: 'INR' });
      }
    }
  });

  it('is refused without either, and with a cookie or token that was made up', async () => {
    const login = await running.logIn('http');
    const [head = '', claims = '', signature = ''] = tokenOf(login).split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const foreign = await new SignJWT()
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('piggypay.test')
      .setAudience('piggypay.test')
      .setSubject(PERSONA.mobile)
      .setExpirationTime('1h')
      .sign(new Uint8Array(32));
    const tampered = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
    for (const headers of [
      {},
      { Cookie: 'sid=s%3Aabc.def' },
      { Cookie: cookieOf(login).slice(0, -1) },
      { Authorization: `Bearer ${head}.${claims}.${tampered}` },
      { Authorization: `Bearer ${none}.${claims}.` },
      { Authorization: `Bearer ${foreign}` },
      { Authorization: 'Bearer x' },
      { Authorization: 'Basic YTpi' },
    ]) {
      const answer = await running.ask('http', '/api/v1/balance', { headers });
      expect(answer.status).toBe(401);
      expect(errorCode(answer.body)).toBe('not-logged-in');
    }
  });
});

describe('the session', () => {
  it('opens the account page, which sends everybody else back to the login', async () => {
    const login = await running.logIn('https');
    const account = await running.ask('https', '/account', { headers: { Cookie: cookieOf(login) } });
    expect(account.status).toBe(200);
    expect(account.body).toContain('Hello, Asha');
    expect(account.body).toContain('₹12,480.50');
    const stranger = await running.ask('https', '/account');
    expect(stranger.status).toBe(303);
    expect(stranger.headers.location).toBe('/');
  });

  it('ends at logout', async () => {
    const Cookie = cookieOf(await running.logIn('http'));
    const logout = await running.ask('http', '/api/v1/logout', { method: 'POST', headers: { Cookie } });
    expect(JSON.parse(logout.body)).toEqual({ ok: true });
    expect(logout.headers['set-cookie']?.[0]).toMatch(/^sid=; Path=\/; Expires=Thu, 01 Jan 1970/);
    expect((await running.ask('http', '/api/v1/balance', { headers: { Cookie } })).status).toBe(401);
  });

  it('is a new one at each login: an id that was there before is not logged in', async () => {
    const planted = cookieOf(await running.logIn('http'));
    await running.ask('http', '/api/v1/logout', { method: 'POST', headers: { Cookie: planted } });
    const login = await running.ask('http', '/api/v1/login', {
      method: 'POST',
      headers: { ...JSON_TYPE, Cookie: planted },
      body: JSON.stringify(PERSONA),
    });
    expect(cookieOf(login)).not.toBe(planted);
    expect((await running.ask('http', '/api/v1/balance', { headers: { Cookie: planted } })).status).toBe(401);
  });

  it('is as many bytes long at every login', async () => {
    const logins = await Promise.all(Array.from({ length: 16 }, () => running.logIn('http')));
    expect(new Set(logins.map((login) => cookieOf(login).length)).size).toBe(1);
    expect(new Set(logins.map((login) => tokenOf(login).length)).size).toBe(1);
    expect(new Set(logins.map(cookieOf)).size).toBe(16);
  });
});

describe('guessing', () => {
  it('is stopped after many failures in a minute, until a reset', async () => {
    await running.site.reset();
    const guesses = await Promise.all(
      Array.from({ length: 60 }, () => running.logIn('http', { mobile: '1', password: 'x' })),
    );
    expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([401]));
    const refused = await running.logIn('http');
    expect(refused.status).toBe(429);
    expect(errorCode(refused.body)).toBe('too-many-attempts');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    await running.site.reset();
    expect((await running.logIn('http')).status).toBe(200);
  });
});
