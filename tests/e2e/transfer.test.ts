import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { hashInBrowser } from '../../demo-sites/piggypay/accounts.ts';
import { PERSONA } from '../../demo-sites/piggypay/persona.ts';
import { browserPatience, launchChromium } from '../support/browser.ts';
import { type RunningSite, runSite } from '../demo-sites/piggypay/running-site.ts';

let running: RunningSite;
let browser: Browser;
let victim: BrowserContext;
const complaints: string[] = [];

beforeAll(async () => {
  running = await runSite();
  const { httpPort, httpsPort } = running.site;
  const maps = [`MAP piggypay.test:80 127.0.0.1:${httpPort}`, `MAP piggypay.test:443 127.0.0.1:${httpsPort}`];
  browser = await launchChromium([`--host-resolver-rules=${maps.join(', ')}`]);
  // The certificate is not what this is about; the demo browser's own test trusts the lab's CA.
  victim = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1024, height: 768 } });
  victim.setDefaultTimeout(browserPatience);
  victim.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  victim.on('weberror', (error) => complaints.push(error.error().message));
});
afterAll(async () => {
  await browser.close();
  await running.site.close();
});

beforeEach(async () => {
  await Promise.all([running.site.reset(), victim.clearCookies()]);
});

async function logIn(address: string): Promise<Page> {
  const page = await victim.newPage();
  await page.goto(address);
  await page.getByLabel('Mobile number').fill(PERSONA.mobile);
  await page.getByRole('textbox', { name: 'Password' }).fill(PERSONA.password);
  await page.keyboard.press('Enter');
  await page.waitForURL(/account$/);
  return page;
}

async function send(page: Page, payee: string, amount: string): Promise<void> {
  await page.getByLabel('Payee').fill(payee);
  await page.getByLabel('Amount in ₹').fill(amount);
  await page.keyboard.press('Enter');
}

function payments(page: Page) {
  return page.getByRole('region', { name: 'Latest payments' });
}

test('one browser is logged in over HTTPS and then over HTTP too, with a cookie for each', async () => {
  const secure = await logIn('https://piggypay.test');
  await logIn('http://piggypay.test');
  await secure.reload();
  expect(secure.url()).toBe('https://piggypay.test/account');
  const cookies = (await victim.cookies()).map((cookie) => [
    ...[cookie.name, cookie.secure, cookie.httpOnly, cookie.sameSite],
  ]);
  expect(cookies.sort()).toEqual([
    ['secure-sid', true, true, 'Lax'],
    ['sid', false, true, 'Lax'],
  ]);
  expect(await secure.evaluate('document.cookie')).toBe('');
  for (const page of victim.pages()) await page.close();
});

test.each(['http', 'https'])(
  'money is sent over %s by keyboard, and any payee is only text',
  async (scheme) => {
    const page = await logIn(`${scheme}://piggypay.test`);
    await send(page, '<img src=x onerror="document.title=1"> 🐖', '1,250.5');
    await payments(page).getByText('<img src=x onerror="document.title=1"> 🐖', { exact: true }).waitFor();
    await payments(page).getByText('−₹1,250.50').first().waitFor();
    expect(await page.locator('h2:focus').innerText()).toBe('Latest payments');
    await page
      .getByRole('region', { name: 'Clients on this session' })
      .getByText(`over ${scheme.toUpperCase()}`)
      .waitFor();
    expect(running.site.counters.transfers().at(-1)).toMatchObject({
      ...{ payee: '<img src=x onerror="document.title=1"> 🐖', amount: 1250.5 },
    });
    expect(await page.title()).toBe('Your account · PiggyPay');
    expect(page.url()).toBe(`${scheme}://piggypay.test/account`);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    }
    await page.close();
  },
);

test('what is no transfer is said at once, at the field, and not sent', async () => {
  const page = await logIn('http://piggypay.test');
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  for (const [payee, amount, problem, field] of [
    ['', '5', 'Enter who should get it.', 'payee'],
    ['Ravi', 'much', 'Enter an amount, up to 100000.', 'amount'],
    ['Ravi', '100001', 'Enter an amount, up to 100000.', 'amount'],
  ] as const) {
    await send(page, payee, amount);
    await page.getByRole('alert').getByText(problem).waitFor();
    expect(await page.locator('input:focus').getAttribute('id')).toBe(field);
  }
  expect(asked).toEqual([]);
  await page.close();
});

test('the hashing page logs in over HTTP, and what it sends is a hash and no password', async () => {
  const sent: string[] = [];
  victim.on('request', (request) => sent.push(request.postData() ?? ''));
  const page = await logIn('http://piggypay.test/hashed');
  await page.getByRole('heading', { name: 'Hello, Asha' }).waitFor();
  const body = sent.find((text) => text !== '') ?? '';
  expect(JSON.parse(body)).toEqual({
    mobile: PERSONA.mobile,
    passwordHash: hashInBrowser(PERSONA.mobile, PERSONA.password),
  });
  await page.close();
});

test('the browser has found nothing to complain of', () => {
  expect(complaints).toEqual([]);
});
