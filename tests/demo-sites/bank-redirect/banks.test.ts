import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Authority, createAuthority } from '../../../certs/authority.ts';
import { type Banks, type RunningBank, startBanks } from '../../../demo-sites/bank-redirect/banks.ts';
import { BANK_HOSTS } from '../../../demo-sites/bank-redirect/hosts.ts';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import { type PiggyPay, startPiggyPay } from '../../../demo-sites/piggypay/piggypay.ts';
import type { SiteTold } from '../../../demo-sites/told.ts';
import { hasTool } from '../../support/tools.ts';

let authority: Authority;
let site: PiggyPay;
let banks: Banks;
const told: SiteTold[] = [];

beforeAll(async () => {
  authority = await createAuthority();
  const leaf = await authority.issue({ names: ['piggypay.test'] });
  const tls = { key: leaf.keyPem, cert: leaf.certificatePem };
  site = await startPiggyPay({ tls, report: () => undefined });
  banks = await startBanks({ authority, site, report: (word) => void told.push(word) });
});
afterAll(async () => {
  await banks.close();
  await site.close();
});
beforeEach(() => {
  banks.reset();
  told.length = 0;
});

function bank(name: string): RunningBank {
  const found = banks.hosts.find((host) => host.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
}

async function askPlain(name: string, path: string, method = 'GET'): Promise<Response> {
  return fetch(`http://127.0.0.1:${bank(name).httpPort}${path}`, { redirect: 'manual', method });
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

function ask(name: string, path: string, body?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = https.request({
      ...{ host: '127.0.0.1', port: bank(name).httpsPort, servername: name, path, agent: false },
      ...{ ca: authority.certificatePem, method: body ? 'POST' : 'GET' },
      headers: { Host: name, ...(body && { 'Content-Type': 'application/json' }) },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      response.resume();
      resolve({ status: response.statusCode, headers: response.headers });
    });
    request.end(body && JSON.stringify(body));
  });
}

const login = { mobile: PERSONA.mobile, password: PERSONA.password };
const names = BANK_HOSTS.map(({ name }) => name);

describe.each(names)('%s', (name) => {
  test('leads every address over HTTP to the same one over HTTPS, and says nothing of HSTS there', async () => {
    for (const path of ['/', '/account?tab=1', '//elsewhere.test/']) {
      const answer = await askPlain(name, path);
      expect(answer.status).toBe(301);
      expect(answer.headers.get('location')).toBe(`https://${name}${path}`);
      expect(answer.headers.get('strict-transport-security')).toBeNull();
      expect(answer.headers.get('connection')).toBe('close');
    }
    expect((await askPlain(name, '/api/v1/login', 'POST')).status).toBe(301);
    expect(told.filter(({ type }) => type === 'request-handled')).toHaveLength(4);
  });

  test('lets nobody in over HTTP, and the persona over HTTPS with a cookie that is Secure', async () => {
    const answer = await ask(name, '/api/v1/login', login);
    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^secure-sid=.*; Secure/);
    await expect.poll(() => bank(name).handled()).toEqual({ overHttp: 0, overHttps: 1, logins: 1 });
  });

  test('counts for itself what it has answered, from nothing after a reset', async () => {
    await askPlain(name, '/');
    await ask(name, '/');
    await ask(name, '/api/v1/login', { ...login, password: 'wrong' });
    await expect.poll(() => bank(name).handled()).toEqual({ overHttp: 1, overHttps: 2, logins: 0 });
    for (const other of names.filter((each) => each !== name))
      expect(bank(other).handled()).toEqual({ overHttp: 0, overHttps: 0, logins: 0 });
    banks.reset();
    expect(bank(name).handled()).toEqual({ overHttp: 0, overHttps: 0, logins: 0 });
  });
});

test('only one of them asks to be visited over HTTPS only, with every answer over HTTPS', async () => {
  for (const path of ['/', '/nothing-here']) {
    const [redirecting, strict] = [await ask('bank-redirect.test', path), await ask('bank-hsts.test', path)];
    expect(redirecting.headers['strict-transport-security']).toBeUndefined();
    expect(strict.headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains');
  }
});

test.skipIf(!hasTool('curl'))(
  'curl follows the redirect, and keeps what the one with HSTS asks for',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'banks-'));
    try {
      const [ca, memory] = [join(folder, 'ca.pem'), join(folder, 'hsts.txt')];
      await writeFile(ca, authority.certificatePem);
      const visit = async (name: string) => {
        const { httpPort, httpsPort } = bank(name);
        const { stdout } = await promisify(execFile)('curl', [
          ...['--silent', '--location', '--noproxy', '*', '--cacert', ca, '--hsts', memory],
          ...['--connect-to', `${name}:80:127.0.0.1:${httpPort}`],
          ...['--connect-to', `${name}:443:127.0.0.1:${httpsPort}`],
          ...['--output', join(folder, 'page'), '--write-out', '%{url_effective} %{num_redirects}'],
          `http://${name}/`,
        ]);
        return stdout;
      };
      for (const name of names) {
        expect(await visit(name)).toBe(`https://${name}/ 1`);
        expect(await visit(name)).toBe(`https://${name}/ ${name === 'bank-hsts.test' ? 0 : 1}`);
      }
      expect(await readFile(join(folder, 'page'), 'utf8')).toContain('PiggyPay');
      expect(await readFile(memory, 'utf8')).toContain('.bank-hsts.test');
      expect(bank('bank-hsts.test').handled()).toMatchObject({ overHttp: 1, overHttps: 2 });
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
