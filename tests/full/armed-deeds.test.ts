import type { AttackId, AttackInfo, AttackLane, AttackVerdict, LogEvent } from '#contract';
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { PERSONA } from '../../demo-sites/piggypay/persona.ts';
import { driveDemoBrowser, startLabWithHeadlessBrowser } from '../support/demo-browser.ts';
import { capturedBytes, type LabProcess } from '../support/lab-process.ts';

let lab: LabProcess;
let victim: Browser;

beforeAll(async () => {
  lab = await startLabWithHeadlessBrowser();
});
afterAll(() => lab.stop());
beforeEach(async () => {
  await done(lab.call('POST', '/api/reset', {}));
});
afterEach(async () => {
  await victim.close();
  await done(lab.call('POST', '/api/browser/close'));
});

async function done(call: ReturnType<LabProcess['call']>): Promise<void> {
  const { status, body } = await call;
  expect(status, JSON.stringify(body)).toBe(200);
}

const arm = (id: AttackId) => done(lab.call('POST', `/api/attacks/${id}/arm`, {}));
const disarm = (id: AttackId) => done(lab.call('POST', `/api/attacks/${id}/disarm`, {}));

async function openBrowser(): Promise<void> {
  await done(lab.call('POST', '/api/browser/open'));
  victim = await driveDemoBrowser(lab);
}

async function newPage(): Promise<Page> {
  const page = await victim.contexts()[0]?.newPage();
  if (!page) throw new Error('the demo browser has no window');
  return page;
}

async function typeLogin(page: Page): Promise<void> {
  await page.getByLabel(/mobile/i).fill(PERSONA.mobile);
  await page.getByRole('textbox', { name: 'Password' }).fill(PERSONA.password);
  await page.getByRole('button', { name: /log in/i }).click();
}

async function logIn(address: string): Promise<Page> {
  const page = await newPage();
  await page.goto(address);
  await typeLogin(page);
  await page.waitForURL(/account/);
  return page;
}

async function pay(page: Page, payee: string): Promise<void> {
  await page.getByLabel('Payee').fill(payee);
  await page.getByLabel('Amount in ₹').fill('100');
  await page.keyboard.press('Enter');
  await payments(page).getByText(payee, { exact: true }).first().waitFor();
}

const payments = (page: Page) => page.getByRole('region', { name: 'Latest payments' });
const clients = (page: Page) => page.getByRole('region', { name: 'Clients on this session' });

/** The newest word on a lane, once there is one like this. */
async function verdictOf(id: AttackId, lane: AttackLane, like: object): Promise<AttackVerdict> {
  const newest = async () => {
    const { attacks } = (await lab.call('GET', '/api/attacks')).body as { attacks: readonly AttackInfo[] };
    return attacks.find((info) => info.id === id)?.whileArmed[lane];
  };
  let word: AttackVerdict | undefined;
  await expect
    .poll(async () => (word = await newest()) ?? 'none yet', { timeout: 20_000 })
    .toMatchObject(like);
  // The one that was like this: another may have come since.
  return word as unknown as AttackVerdict;
}

const handled = (events: readonly LogEvent[]) => events.filter(({ type }) => type === 'request-handled');

test('a person logs in over HTTP, and the account page lists the stranger on the session; over HTTPS not', async () => {
  await openBrowser();
  await arm('steal-session');
  const http = await logIn('http://piggypay.test');
  const stolen = await verdictOf('steal-session', 'http', { outcome: 'succeeded' });
  expect(stolen).toMatchObject({ siteHandled: 1, siteCounted: { clientsOnSession: 2 } });
  expect(stolen.happened).toContain('between the demo browser and the site');
  await http.reload();
  await clients(http).getByText('was used by 2 clients').waitFor();
  await clients(http).getByText('Stranger/1.0 over HTTP').waitFor();

  const https = await logIn('https://piggypay.test');
  await verdictOf('steal-session', 'https', { outcome: 'no effect', siteCounted: { clientsOnSession: 1 } });
  await https.reload();
  await clients(https).getByText('was used by 1 client:').waitFor();
  expect(await clients(https).getByText('Stranger').count()).toBe(0);
});

test('a person sends money once: over HTTP it is booked twice, over HTTPS once', async () => {
  await openBrowser();
  const http = await logIn('http://piggypay.test');
  const https = await logIn('https://piggypay.test');
  await arm('replay');
  await pay(http, 'Meera');
  await verdictOf('replay', 'http', { outcome: 'succeeded', siteCounted: { transfersBooked: 2 } });
  await pay(https, 'Zoya');
  const refused = await verdictOf('replay', 'https', { siteCounted: { transfersOfTheVictim: 1 } });
  expect(refused).toMatchObject({
    outcome: 'refused',
    siteHandled: 0,
    siteCounted: { transfersReplayed: 0 },
  });
  expect(refused.happened).toMatch(/bad record mac/i);
  // Its own connection has noticed nothing.
  await https.reload();
  expect(await payments(https).getByText('Meera', { exact: true }).count()).toBe(2);
  expect(await payments(https).getByText('Zoya', { exact: true }).count()).toBe(1);
});

test('a person is led to the copy: over HTTP the password is typed into it, over HTTPS the browser warns', async () => {
  // Then it has no connection from before, which would lead to the site.
  await arm('forge-name');
  await openBrowser();
  const page = await newPage();
  await page.goto('http://piggypay.test');
  await page.getByText('A copy, made by the stranger').waitFor();
  await typeLogin(page);
  await page.getByRole('heading', { name: 'Welcome' }).waitFor();
  const http = await verdictOf('forge-name', 'http', { outcome: 'succeeded', siteHandled: 0 });
  const sent = capturedBytes(await lab.events(), http.connections[0] ?? 0, 'client-to-server').toString();
  expect(sent).toContain(`password=${PERSONA.password}`);

  const sealed = await newPage();
  await expect(sealed.goto('https://piggypay.test')).rejects.toThrow('ERR_CERT_AUTHORITY_INVALID');
  const https = await verdictOf('forge-name', 'https', { outcome: 'refused', siteHandled: 0 });
  expect(https.happened).toContain('0 bytes of a login. 0 requests reached the copy, and 0 the site.');
  expect(https.victimSaw).toMatch(/What it told the copy: .*certificate unknown/);
  expect(handled(await lab.events())).toEqual([]);

  await disarm('forge-name');
  const again = await newPage();
  await again.goto('https://piggypay.test');
  await again.getByRole('heading', { name: 'Log in' }).waitFor();
  expect(handled(await lab.events()).length).toBeGreaterThan(0);
});
