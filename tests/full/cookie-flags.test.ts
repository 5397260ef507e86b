import { AxeBuilder } from '@axe-core/playwright';
import type { BrowserStatus, LogEvent } from '#contract';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { COLUMNS } from '../../demo-sites/piggypay/cookie-flags/columns.ts';
import { FLAGGED_COOKIES } from '../../demo-sites/piggypay/cookie-flags/flags.ts';
import { driveDemoBrowser, startLabWithHeadlessBrowser } from '../support/demo-browser.ts';
import { capturedBytes, type LabProcess } from '../support/lab-process.ts';

let lab: LabProcess;
let victim: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  lab = await startLabWithHeadlessBrowser();
  const { body } = await lab.call('POST', '/api/browser/open');
  expect((body as BrowserStatus).running).toBe(true);
  victim = await driveDemoBrowser(lab);
});
afterAll(async () => {
  await victim.close();
  await lab.stop();
});

beforeEach(async () => {
  const context = victim.contexts()[0];
  if (!context) throw new Error('the demo browser has no window');
  await context.clearCookies();
  page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return () => page.close();
});

const NAMES = FLAGGED_COOKIES.map(({ name }) => name);
type Way = (typeof COLUMNS)[number]['way'];

/** The table's column as the page shows it: the words of its cells, from the top. */
function column(way: Way): Promise<string[]> {
  return page.locator(`td[data-way="${way}"]`).allTextContents();
}

/** The names that the table says have come, or were read. */
async function shown(way: Way): Promise<string[]> {
  const words = await column(way);
  return NAMES.filter((_, at) => ['came', 'read'].includes(words[at] ?? ''));
}

/** Waits until the site has sent the page with this trial in it. */
async function tried(way: Way): Promise<void> {
  await page.locator(`li[data-way="${way}"]`).waitFor();
  // Its script hears the next press.
  await page.waitForLoadState();
}

async function press(name: RegExp, way: Way): Promise<void> {
  await page.getByRole('button', { name }).click();
  await tried(way);
}

async function setCookies(address: string): Promise<string> {
  await page.goto(address);
  await page.getByRole('button', { name: /^Set six/ }).click();
  await page.waitForURL(/trial=[0-9a-f]{12}/);
  await page.locator('main[data-trial]').waitFor();
  await page.waitForLoadState();
  return new URL(page.url()).searchParams.get('trial') ?? '';
}

async function fromAnotherSite(role: 'link' | 'button', name: RegExp, way: Way): Promise<void> {
  await page.getByRole('link', { name: /another site/ }).click();
  await page.getByRole('heading', { name: 'You are on another site' }).waitFor();
  expect(new URL(page.url()).host).toBe('tls12.test');
  await page.getByRole(role, { name }).click();
  await page.waitForURL(/^https:\/\/piggypay\.test\/cookies/);
  await tried(way);
}

/** All that crossed in clear on port 80, as text, from the client. */
function sentInClear(events: readonly LogEvent[]): string {
  return events
    .flatMap((event) =>
      event.type === 'connection-opened' && event.server.port === 80 ? event.connection : [],
    )
    .map((connection) => capturedBytes(events, connection, 'client-to-server').toString('latin1'))
    .join('\n');
}

/** The names of the trial's cookies in the newest request that asks for the address. */
function askedWith(requests: string, line: string): string[] {
  const at = requests.lastIndexOf(line);
  expect(at).toBeGreaterThan(-1);
  const head = requests.slice(at).split('\r\n\r\n', 1)[0] ?? '';
  const cookies = /^cookie: (.*)$/im.exec(head)?.[1] ?? '';
  const came = new Set(cookies.split('; ').map((pair) => pair.split('=')[0]));
  return NAMES.filter((name) => came.has(name));
}

interface Har {
  readonly log: {
    readonly entries: readonly {
      readonly request: { method: string; url: string; headers: readonly { name: string; value: string }[] };
      readonly response: { headers: readonly { name: string; value: string }[] };
    }[];
  };
}

/** What crossed sealed, opened with the site's own keys: each request's line and fields, in one text. */
async function opened(): Promise<Har['log']['entries']> {
  const { body } = await lab.call('GET', '/api/capture.har?lens=site');
  return (body as Har).log.entries.filter(({ request }) => request.url.startsWith('https://piggypay.test'));
}

function asText(entries: Har['log']['entries']): string {
  return entries
    .map(({ request: { method, url, headers } }) =>
      [
        `${method} ${new URL(url).pathname} `,
        ...headers.map(({ name, value }) => `${name}: ${value}`),
        '',
        '',
      ].join('\r\n'),
    )
    .join('');
}

test('set over HTTPS, each flag does what the page says, and the page says what crossed the wire', async () => {
  const trial = await setCookies('https://piggypay.test/cookies');
  // First of all: what comes with it depends on how old the cookies are.
  await fromAnotherSite('button', /Post a form/, 'form');
  await press(/^Ask PiggyPay/, 'from-https');
  await press(/^Let a script/, 'script');
  await fromAnotherSite('link', /Follow a link/, 'link');
  await page.getByRole('link', { name: 'Go on over HTTP' }).click();
  await page.waitForURL(/^http:/);
  await press(/^Ask PiggyPay/, 'from-http');
  await page.getByRole('link', { name: 'Follow a link to HTTPS' }).click();
  await page.waitForURL(/^https:/);
  await tried('other-scheme');

  expect(await shown('from-https')).toEqual(NAMES);
  expect(await shown('from-http')).toEqual(['plain', 'http-only', 'same-site-strict', 'same-site-lax']);
  expect(await shown('script')).toEqual(['plain', 'secure', 'same-site-strict', 'same-site-lax']);
  expect(await shown('link')).toEqual(['plain', 'secure', 'http-only', 'same-site-lax']);
  // Cookies without SameSite, younger than two minutes: Chromium's exception.
  expect(await shown('form')).toEqual(['plain', 'secure', 'http-only']);
  expect(await shown('other-scheme')).toEqual(['plain', 'secure', 'http-only', 'same-site-lax']);
  await page.getByText(/Chromium treats it as Lax, but lets it come along/).waitFor();
  await page.getByText(/schemeful same-site/).waitFor();

  const clear = sentInClear(await lab.events());
  expect(askedWith(clear, `GET /cookies/${trial}/from-here `)).toEqual(await shown('from-http'));
  const entries = await opened();
  const sealed = asText(entries);
  expect(askedWith(sealed, `GET /cookies/${trial}/from-here `)).toEqual(await shown('from-https'));
  expect(askedWith(sealed, `GET /cookies/${trial}/link `)).toEqual(await shown('link'));
  expect(askedWith(sealed, `POST /cookies/${trial}/form `)).toEqual(await shown('form'));
  expect(askedWith(sealed, `GET /cookies/${trial}/other-scheme `)).toEqual(await shown('other-scheme'));

  const lines = entries
    .flatMap(({ response }) => response.headers)
    .flatMap(({ name, value }) => (/^set-cookie$/i.test(name) ? value : []));
  const valueOf = (cookie: string) =>
    lines.flatMap((line) => new RegExp(`^${cookie}=(\\w{16});`).exec(line)?.[1] ?? [])[0];
  expect(clear).toContain(valueOf('http-only'));
  for (const cookie of ['secure', 'everything']) {
    expect(valueOf(cookie)).toBeDefined();
    expect(clear).not.toContain(valueOf(cookie));
  }
  expect(complaints).toEqual([]);
});

test('set over HTTP, a Secure cookie is not even kept', async () => {
  await setCookies('http://piggypay.test/cookies');
  await press(/^Ask PiggyPay/, 'from-http');
  await press(/^Let a script/, 'script');
  await page.getByRole('link', { name: 'Follow a link to HTTPS' }).click();
  await page.waitForURL(/^https:/);
  await tried('other-scheme');
  await press(/^Ask PiggyPay/, 'from-https');
  const kept = ['plain', 'http-only', 'same-site-strict', 'same-site-lax'];
  expect(await shown('from-http')).toEqual(kept);
  expect(await shown('from-https')).toEqual(kept);
  expect(await shown('script')).toEqual(['plain', 'same-site-strict', 'same-site-lax']);
  await page.getByText(/the browser never kept/).waitFor();
  const cookies = (await page.context().cookies()).map(({ name }) => name);
  expect(cookies.sort()).toEqual([...kept].sort());
  expect(complaints).toEqual([]);
});

test('set over HTTP after HTTPS, the Secure ones stay the old ones; removed over HTTPS, none is left', async () => {
  await setCookies('https://piggypay.test/cookies');
  await setCookies('http://piggypay.test/cookies');
  await page.getByRole('link', { name: 'Follow a link to HTTPS' }).click();
  await page.waitForURL(/^https:/);
  await press(/^Ask PiggyPay/, 'from-https');
  expect(await column('from-https')).toEqual([
    ...['came', 'came, an older one', 'came', 'came', 'came', 'came, an older one'],
  ]);
  await page.getByRole('button', { name: 'Remove them' }).click();
  await page.waitForURL('https://piggypay.test/cookies');
  await page.getByRole('button', { name: 'Set six cookies over HTTPS' }).waitFor();
  expect(await page.context().cookies()).toEqual([]);
  expect(complaints).toEqual([]);
});

test('an address that was typed is no link on another site', async () => {
  const trial = await setCookies('https://piggypay.test/cookies');
  const answer = await page.goto(`https://piggypay.test/cookies/${trial}/link`);
  expect(answer?.status()).toBe(409);
  await page.getByText('Sec-Fetch-Site: none').waitFor();
  complaints.length = 0;
});

test.each(['light', 'dark'] as const)('is accessible and fits the screen, %s', async (colorScheme) => {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width: 1024, height: 768 });
  const faults = async () =>
    (await new AxeBuilder({ page }).analyze()).violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`,
    );
  await page.goto('https://piggypay.test/cookies');
  expect(await faults()).toEqual([]);
  await setCookies('https://piggypay.test/cookies');
  await press(/^Ask PiggyPay/, 'from-https');
  expect(await page.evaluate('document.activeElement.id')).toBe('results');
  await press(/^Let a script/, 'script');
  expect(await faults()).toEqual([]);
  // As text: these tests are checked as Node's, which has no document.
  expect(
    await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
  ).toBe(0);
  await page.getByRole('link', { name: /another site/ }).click();
  await page.getByRole('heading', { name: 'You are on another site' }).waitFor();
  expect(await faults()).toEqual([]);
});
