import { afterAll, beforeAll, expect, test } from 'vitest';
import { PUBLIC_PAGES } from '../../../demo-sites/piggypay/pages/public-pages.ts';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import { type PiggyPay, startPiggyPay } from '../../../demo-sites/piggypay/piggypay.ts';
import type { SiteTold } from '../../../demo-sites/told.ts';
import { createAuthority } from '../../../certs/authority.ts';
import { browse, inventPassword } from '../../../proxy/victim/browse.ts';
import { linksIn } from '../../../proxy/victim/page-links.ts';
import { postLogin, requestPage } from '../../../proxy/victim/padded-request.ts';
import { VictimClient } from '../../../proxy/victim/request.ts';

const told: SiteTold[] = [];
let site: PiggyPay;
let client: VictimClient;
beforeAll(async () => {
  const authority = await createAuthority();
  const { keyPem, certificatePem } = await authority.issue({ names: ['piggypay.test'] });
  site = await startPiggyPay({
    tls: { key: keyPem, cert: certificatePem },
    report: (word) => told.push(word),
  });
  const { signal } = new AbortController();
  client = new VictimClient({ address: '127.0.0.1', port: site.httpPort, host: 'piggypay.test', signal });
});
afterAll(async () => {
  client.close();
  await site.close();
});

test('opens a page of the start page’s links and is turned away with a password of its own', async () => {
  const password = inventPassword();
  const request = { mobile: PERSONA.mobile, password, site: 'http' as const };
  const result = await browse(client, { ...request, isPadded: false });
  expect(result).toMatchObject({ ok: false, status: 401, passwordLength: password.length });
  expect(PUBLIC_PAGES.map(({ path }) => path)).toContain(result.opened);
  const paths = told.flatMap((word) => (word.type === 'request-handled' ? [word.path] : []));
  expect(paths).toEqual(['/', result.opened, '/api/v1/login']);
  const entered = told.flatMap((word) => (word.type === 'secret-entered' ? [word.value] : []));
  expect(entered).toEqual([PERSONA.mobile, password]);
});

test('chooses among all pages, and among passwords of 4 to 24 characters of a byte each', async () => {
  const lengths = new Set<number>();
  for (let time = 0; time < 2000; time += 1) {
    const password = inventPassword();
    expect(password).toMatch(/^[\w-]{4,24}$/);
    lengths.add(password.length);
  }
  expect(lengths.size).toBe(21);
  const opened = new Set<string | undefined>();
  const request = { mobile: '', password: 'x', site: 'http' as const, isPadded: false };
  // A page that is one of seven is missing after 120 draws once in ten million runs.
  for (let time = 0; time < 120; time += 1) opened.add((await browse(client, request)).opened);
  expect(opened.size).toBe(PUBLIC_PAGES.length);
});

/** What a client sends, caught before it leaves. */
function recorder() {
  const sent: string[] = [];
  const fake = {
    send: (method: string, path: string, headers: object, body = '') => {
      sent.push(`${method} ${path} ${JSON.stringify(headers)} ${body}`);
      return Promise.resolve({ status: 200, headers: {}, bytes: Buffer.alloc(0) });
    },
  };
  return { sent, client: fake as unknown as VictimClient };
}

test('padded, its requests are as long for every page and for every password', async () => {
  const { sent, client: fake } = recorder();
  const isPadded = true;
  for (const path of ['/', '/fees', '/close-account']) await requestPage(fake, path, { isPadded });
  for (const length of [4, 11, 24])
    await postLogin(fake, { mobile: PERSONA.mobile, password: 'x'.repeat(length) }, { isPadded });
  const lengths = sent.map((request) => request.length);
  expect(new Set(lengths.slice(0, 3)).size).toBe(1);
  expect(new Set(lengths.slice(3)).size).toBe(1);
  const password = PERSONA.password;
  expect((await postLogin(client, { mobile: PERSONA.mobile, password }, { isPadded })).status).toBe(200);
  await requestPage(fake, '/fees', { isPadded: false });
  expect(sent.at(-1)).not.toContain('adding');
});

test('finds the links of a page that lead to pages of the same site', () => {
  const html = `<link href="/style.css"><a href="/">Home</a> <a class="x" href="/fees">Fees
    and limits</a><a href="/fees">again</a> <a href="https://else.test/a">away</a> <a href="//else.test">too</a>
    <a href="/help" title="y">Help</a><a href="/b?c">d</a>`;
  expect(linksIn(html)).toEqual([
    { path: '/fees', title: 'Fees\n    and limits' },
    { path: '/help', title: 'Help' },
  ]);
});
