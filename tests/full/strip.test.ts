import type { AttackInfo, AttackVerdict, BrowserStatus, LogEvent } from '#contract';
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { PERSONA } from '../../demo-sites/piggypay/persona.ts';
import { driveDemoBrowser, startLabWithHeadlessBrowser } from '../support/demo-browser.ts';
import { capturedBytes, type LabProcess } from '../support/lab-process.ts';

let lab: LabProcess;
let victim: Browser;
let page: Page;

beforeAll(async () => {
  lab = await startLabWithHeadlessBrowser(['--proxy-port', '0']);
});
afterAll(() => lab.stop());

// A profile that has never been anywhere.
beforeEach(async () => {
  await lab.call('POST', '/api/reset', {});
  const { body } = await lab.call('POST', '/api/browser/open');
  expect((body as BrowserStatus).running).toBe(true);
  victim = await driveDemoBrowser(lab);
  const opened = await victim.contexts()[0]?.newPage();
  if (!opened) throw new Error('the demo browser has no window');
  page = opened;
});
afterEach(async () => {
  await lab.call('POST', '/api/browser/close');
});

async function post(path: 'strip/arm' | 'strip/disarm'): Promise<void> {
  expect(await lab.call('POST', `/api/attacks/${path}`, {})).toMatchObject({ status: 200 });
}

async function logIn(): Promise<void> {
  await page.getByLabel(/mobile/i).fill(PERSONA.mobile);
  await page.getByRole('textbox', { name: 'Password' }).fill(PERSONA.password);
  await page.getByRole('button', { name: /log in/i }).click();
  await page.waitForURL(/account/);
  await page.getByRole('region', { name: 'Latest payments' }).waitFor();
}

async function verdictOn(lane: 'http' | 'https'): Promise<AttackVerdict> {
  const word = async () => {
    const { body } = await lab.call('GET', '/api/attacks');
    const { attacks } = body as { attacks: readonly AttackInfo[] };
    return attacks.find(({ id }) => id === 'strip')?.whileArmed[lane];
  };
  let verdict: AttackVerdict | undefined;
  await expect.poll(async () => (verdict = await word())).toBeDefined();
  return verdict as unknown as AttackVerdict;
}

/** What left the browser over HTTP for this host. */
function inClear(events: readonly LogEvent[], host: string): Buffer {
  const connections = events.flatMap((event) =>
    event.type === 'connection-opened' && event.server.name === host && event.server.port === 80
      ? [event.connection]
      : [],
  );
  return Buffer.concat(connections.map((one) => capturedBytes(events, one, 'client-to-server')));
}

/** The site's own word on logins, with the stretch of the way on which each arrived. */
function loginsAt(events: readonly LogEvent[], host: string): readonly string[] {
  const hops = new Map(
    events.flatMap((event) =>
      event.type === 'connection-opened' && event.server.name === host
        ? [[event.connection, `${event.hop}:${event.server.port}`] as const]
        : [],
    ),
  );
  return events.flatMap((event) =>
    event.type === 'request-handled' && event.path === '/api/v1/login' && event.status === 200
      ? [hops.get(event.connection ?? 0) ?? 'elsewhere']
      : [],
  );
}

test.each([
  ['a site that only redirects', 'bank-redirect.test', 'http'],
  ['a site with HSTS, on the first visit', 'bank-hsts.test', 'https'],
] as const)('%s: the browser stays on HTTP, and its login is read', async (_what, host, lane) => {
  await post('strip/arm');
  await page.goto(`http://${host}/`);
  expect(page.url()).toBe(`http://${host}/`);
  await logIn();
  expect(page.url()).toBe(`http://${host}/account`);
  const verdict = await verdictOn(lane);
  expect(verdict).toMatchObject({ outcome: 'succeeded', siteCounted: { requestsHandledOverHttp: 0 } });
  expect(verdict.happened).toMatch(/^The demo browser stayed on HTTP/);
  const events = await lab.events();
  expect(inClear(events, host).includes(PERSONA.password)).toBe(true);
  expect(loginsAt(events, host)).toEqual(['onward:443']);
});

test('without the stranger the same address leads to HTTPS, and no password crosses in clear', async () => {
  await page.goto('http://bank-redirect.test/');
  expect(page.url()).toBe('https://bank-redirect.test/');
  await logIn();
  const events = await lab.events();
  expect(inClear(events, 'bank-redirect.test').toString()).toMatch(/^GET \/ HTTP\/1\.1\r\n/);
  expect(inClear(events, 'bank-redirect.test').includes(PERSONA.password)).toBe(false);
  expect(loginsAt(events, 'bank-redirect.test')).toEqual(['cafe:443']);
});

test('who was at the site with HSTS before asks over HTTPS by itself: not a byte over HTTP', async () => {
  await page.goto('http://bank-hsts.test/');
  expect(page.url()).toBe('https://bank-hsts.test/');
  await post('strip/arm');
  const before = (await lab.events()).at(-1)?.seq ?? 0;
  const answer = await page.goto('http://bank-hsts.test/');
  const internal = await answer?.request().redirectedFrom()?.response();
  expect(internal?.status()).toBe(307);
  expect(await internal?.headerValue('non-authoritative-reason')).toBe('HSTS');
  expect(page.url()).toBe('https://bank-hsts.test/');
  await logIn();
  const verdict = await verdictOn('https');
  expect(verdict).toMatchObject({ outcome: 'no effect', siteHandled: 0 });
  expect(verdict.happened).toContain('0 bytes over HTTP');
  const all = await lab.events();
  const since = all.filter(({ seq }) => seq > before);
  expect(inClear(since, 'bank-hsts.test').length).toBe(0);
  expect(loginsAt(all, 'bank-hsts.test')).toEqual(['cafe:443']);
});

test('disarmed in between, the next address leads to HTTPS again, with whoever had stayed on HTTP', async () => {
  await post('strip/arm');
  await page.goto('http://bank-redirect.test/');
  await logIn();
  await post('strip/disarm');
  await page.goto('http://bank-redirect.test/');
  expect(page.url()).toBe('https://bank-redirect.test/');
  // Over HTTPS the browser is nobody yet: the cookie that it was given over HTTP is not the site's.
  await page.getByRole('button', { name: /log in/i }).waitFor();
});
