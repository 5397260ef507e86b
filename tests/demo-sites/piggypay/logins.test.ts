import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import { type Answer, type RunningSite, type Twin, TWINS, cookieOf, runSite } from './running-site.ts';

let running: RunningSite;
beforeAll(async () => (running = await runSite()));
afterAll(() => running.site.close());

const { mobile, password } = PERSONA;
const passwordHash = createHash('sha256').update(`${mobile}:${password}`).digest('hex');

function logIn(twin: Twin, body: unknown): Promise<Answer> {
  const headers = { 'Content-Type': 'application/json' };
  return running.ask(twin, '/api/v1/login-hashed', { method: 'POST', headers, body: JSON.stringify(body) });
}

describe.each(TWINS)('a login with a hash over %s', (twin) => {
  it('lets in whoever has the hash, as often as it is sent', async () => {
    for (const client of ['the victim', 'the stranger']) {
      const answer = await logIn(twin, { mobile, passwordHash });
      expect([client, answer.status]).toEqual([client, 200]);
      const account = await running.ask(twin, '/account', { headers: { Cookie: cookieOf(answer) } });
      expect(account.body).toContain('Hello, Asha');
    }
  });

  it('tells the hash as the password, for that is what it is', async () => {
    const { ports } = await logIn(twin, { mobile, passwordHash });
    const ofThisClient = running.told.filter(
      (told) => told.ports?.from === ports.from && told.type === 'secret-entered',
    );
    expect(ofThisClient).toEqual([
      { type: 'secret-entered', ports, kind: 'mobile', value: mobile },
      { type: 'secret-entered', ports, kind: 'password', value: passwordHash, isHash: true },
    ]);
  });

  it('refuses the hash of another password, and the right one for another number', async () => {
    const other = createHash('sha256').update(`${mobile}:monsoon-43`).digest('hex');
    for (const credentials of [
      { mobile, passwordHash: other },
      { mobile: '9800000013', passwordHash },
    ]) {
      expect((await logIn(twin, credentials)).status).toBe(401);
    }
  });
});

describe('the two logins', () => {
  it('are no way into each other: the hash is no password, and the password no hash', async () => {
    expect((await running.logIn('http', { mobile, password: passwordHash })).status).toBe(401);
    for (const sent of [password, passwordHash.toUpperCase(), passwordHash.slice(1), '', [passwordHash]])
      expect((await logIn('http', { mobile, passwordHash: sent })).status).toBe(400);
    expect((await logIn('http', { mobile, password })).status).toBe(400);
  });

  it('have a page each, and only the one says that it hashes', async () => {
    const [plain, hashing] = await Promise.all(['/', '/hashed'].map((path) => running.ask('http', path)));
    expect([plain?.body.includes('sha256'), hashing?.body.includes('sha256')]).toEqual([false, true]);
    expect(plain?.body).not.toContain('/hashed');
  });
});
