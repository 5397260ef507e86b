import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Answer,
  type RunningSite,
  type Twin,
  TWINS,
  cookieOf,
  runSite,
  tokenOf,
} from './running-site.ts';

let running: RunningSite;
beforeAll(async () => (running = await runSite()));
afterAll(() => running.site.close());
beforeEach(() => running.site.reset());

const JSON_TYPE = { 'Content-Type': 'application/json' };

function send(twin: Twin, order: unknown, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const body = typeof order === 'string' ? order : JSON.stringify(order);
  return running.ask(twin, '/api/v1/transfer', {
    method: 'POST',
    headers: { ...JSON_TYPE, ...headers },
    body,
  });
}

function nameIn(token: string): string {
  const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  return (JSON.parse(claims) as { sid: string }).sid;
}

describe.each(TWINS)('a transfer over %s', (twin) => {
  it('is booked for the cookie and for the token, each time it comes, and taken off the balance', async () => {
    const login = await running.logIn(twin);
    const order = { payee: 'Ravi', amount: 500.1 };
    const [Cookie, Authorization] = [cookieOf(login), `Bearer ${tokenOf(login)}`];
    const first = await send(twin, order, { Cookie });
    expect([first.status, JSON.parse(first.body)]).toEqual([
      200,
      { booked: true, ...order, balance: 11980.4 },
    ]);
    expect(JSON.parse((await send(twin, order, { Authorization })).body)).toMatchObject({ balance: 11480.3 });
    const booked = { from: 'Asha', ...order, session: nameIn(tokenOf(login)) };
    expect(running.site.counters.transfers()).toEqual([booked, booked]);
    const balance = await running.ask(twin, '/api/v1/balance', { headers: { Cookie } });
    expect(JSON.parse(balance.body)).toEqual({ balance: 11480.3, currency: 'INR' });
  });

  it('is refused to whoever is not logged in, and to the cookie of the other twin, also under this one’s name', async () => {
    const [sid, secure] = [cookieOf(await running.logIn('http')), cookieOf(await running.logIn('https'))];
    const foreign = twin === 'http' ? secure : sid;
    const renamed = `${twin === 'http' ? 'sid' : 'secure-sid'}=${foreign.split('=')[1]}`;
    for (const headers of [{}, { Cookie: foreign }, { Cookie: renamed }, { Authorization: 'Bearer x' }]) {
      const answer = await send(twin, { payee: 'Ravi', amount: 500 }, headers);
      expect(answer.status).toBe(401);
      expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'not-logged-in' } });
    }
    expect(running.site.counters.transfers()).toEqual([]);
  });
});

describe('what is no transfer', () => {
  it.each([
    ['no payee', { amount: 5 }],
    ['a payee of spaces', { payee: '  ', amount: 5 }],
    ['a payee that is a list', { payee: ['Ravi'], amount: 5 }],
    ['a payee of 65 characters', { payee: 'x'.repeat(65), amount: 5 }],
    ['a payee with a line break', { payee: 'Ravi\nMallory', amount: 5 }],
    ['a payee that is written backwards', { payee: 'Ravi\u202eyrollaM', amount: 5 }],
    ['a payee with half a character', '{"payee":"\\ud83d","amount":5}'],
    ['an amount as text', { payee: 'Ravi', amount: '5' }],
    ['nothing', { payee: 'Ravi', amount: 0 }],
    ['less than nothing', { payee: 'Ravi', amount: -5 }],
    ['a third of a paisa', { payee: 'Ravi', amount: 0.003 }],
    ['more than 100,000', { payee: 'Ravi', amount: 100_000.01 }],
    ['an amount beyond all numbers', '{"payee":"Ravi","amount":1e999}'],
    ['a list', ['Ravi', 5]],
    ['broken JSON', '{"payee":"Ravi"'],
  ])('%s is answered with 400, and nothing is booked', async (_, order) => {
    const Cookie = cookieOf(await running.logIn('http'));
    expect((await send('http', order, { Cookie })).status).toBe(400);
    expect(running.site.counters.transfers()).toEqual([]);
  });

  it('a form of another site’s page is refused, cookie or not', async () => {
    const headers = { Cookie: cookieOf(await running.logIn('http')), 'Content-Type': 'text/plain' };
    expect((await send('http', { payee: 'Mallory', amount: 5 }, headers)).status).toBe(400);
    expect(running.site.counters.transfers()).toEqual([]);
  });

  it('spaces around a payee are not part of it', async () => {
    const Cookie = cookieOf(await running.logIn('http'));
    const answer = await send('http', { payee: ' Mallory    ', amount: 5 }, { Cookie });
    expect(JSON.parse(answer.body)).toMatchObject({ booked: true, payee: 'Mallory' });
    expect(running.site.counters.transfers()).toMatchObject([{ payee: 'Mallory' }]);
  });
});

describe('the account page', () => {
  it('shows the payee as text, whatever it is', async () => {
    const Cookie = cookieOf(await running.logIn('http'));
    const payee = `<img src=x onerror=alert(1)> "'& 🐖`;
    expect((await send('http', { payee, amount: 5 }, { Cookie })).status).toBe(200);
    const { body } = await running.ask('http', '/account', { headers: { Cookie } });
    expect(body).not.toContain('<img src=x');
    expect(body).toContain('&#60;img src=x onerror=alert(1)&#62; &#34;&#39;&#38; 🐖');
    expect(body).toContain('1 transfer booked, the last one ₹5.00');
  });

  it('lists the clients that have used the session, by what they say of themselves', async () => {
    const Cookie = cookieOf(await running.logIn('https'));
    const agent = `<b>Thief/1.0</b>${'x'.repeat(200)}`;
    await running.ask('https', '/api/v1/balance', { headers: { Cookie, 'User-Agent': agent } });
    const { body } = await running.ask('https', '/account', { headers: { Cookie } });
    const [session] = running.site.counters.sessions();
    expect(session?.clients).toEqual(['no User-Agent over HTTPS', `${agent.slice(0, 120)} over HTTPS`]);
    expect(body).toContain(`<code>${session?.name}</code> was used by 2 clients:`);
    expect(body).toContain('<li>&#60;b&#62;Thief/1.0&#60;/b&#62;xxx');
  });
});

describe('the books on sessions', () => {
  it('name each login anew, never by its id, and the token’s client is one of the cookie’s session', async () => {
    const login = await running.logIn('http');
    await running.logIn('http');
    const { counters } = running.site;
    const names = counters.sessions().map(({ name }) => name);
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^[0-9a-f]{6}$/);
    expect(cookieOf(login)).not.toContain(names[0]);
    const headers = { Authorization: `Bearer ${tokenOf(login)}`, 'User-Agent': 'curl/8' };
    await running.ask('https', '/api/v1/balance', { headers });
    expect(counters.sessions()[0]).toEqual({
      name: names[0],
      clients: ['no User-Agent over HTTP', 'curl/8 over HTTPS'],
    });
  });

  it('leave out who was not let in, and who never logged in', async () => {
    await running.logIn('http', { mobile: '1', password: 'x' });
    await running.ask('https', '/');
    await running.ask('http', '/api/v1/balance', { headers: { Authorization: 'Bearer a.b.c' } });
    expect(running.site.counters.sessions()).toEqual([]);
  });
});
