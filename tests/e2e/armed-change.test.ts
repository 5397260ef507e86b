import type { AttackInfo, BrowserStatus, LogEvent } from '#contract';
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { PERSONA } from '../../demo-sites/piggypay/persona.ts';
import { driveDemoBrowser, startLabWithHeadlessBrowser } from '../support/demo-browser.ts';
import type { LabProcess } from '../support/lab-process.ts';

let lab: LabProcess;
let victim: Browser;

beforeAll(async () => {
  lab = await startLabWithHeadlessBrowser(['--proxy-port', '0']);
  const { body } = await lab.call('POST', '/api/browser/open');
  expect((body as BrowserStatus).running).toBe(true);
  victim = await driveDemoBrowser(lab);
});
afterAll(async () => {
  await victim.close();
  await lab.stop();
});

afterEach(() => lab.call('POST', '/api/attacks/change/disarm', {}));

async function logIn(address: string): Promise<Page> {
  const page = await victim.contexts()[0]?.newPage();
  if (!page) throw new Error('the demo browser has no window');
  await page.goto(address);
  await page.getByLabel(/mobile/i).fill(PERSONA.mobile);
  await page.getByRole('textbox', { name: 'Password' }).fill(PERSONA.password);
  await page.getByRole('button', { name: /log in/i }).click();
  await page.waitForURL(/account/);
  return page;
}

const post = (path: string) => lab.call('POST', `/api/attacks/${path}`, {});
/** How many transfers the site has booked for the stranger, in the attack's newest verdict. */
async function judged(): Promise<number | undefined> {
  const { attacks } = (await lab.call('GET', '/api/attacks')).body as { attacks: readonly AttackInfo[] };
  return attacks.find(({ id }) => id === 'change')?.whileArmed.http?.siteCounted?.['changedTransfersBooked'];
}
const ofType = (events: readonly LogEvent[], type: LogEvent['type']) =>
  events.filter((event) => event.type === type);

test('a person sends money over HTTP, and the stranger gets it', async () => {
  const page = await logIn('http://piggypay.test');
  const payments = page.getByRole('region', { name: 'Latest payments' });
  expect(await post('change/arm')).toMatchObject({ status: 200 });
  await page.reload();
  await page.getByRole('alert').filter({ hasText: 'The stranger wrote this into the page' }).waitFor();
  await page.getByLabel('Payee').fill('Meera');
  await page.getByLabel('Amount in ₹').fill('100');
  await page.keyboard.press('Enter');
  await payments.getByText('The stranger', { exact: true }).waitFor();
  await expect.poll(judged).toBe(1);
  const disarmed = await post('change/disarm');
  expect(disarmed).toMatchObject({
    status: 200,
    body: { whileArmed: { http: { outcome: 'succeeded', siteCounted: { changedTransfersBooked: 1 } } } },
  });
  await page.reload();
  await payments.getByText('The stranger', { exact: true }).waitFor();
  expect(await page.getByText('The stranger wrote').count()).toBe(0);
  expect(await payments.getByText('Meera').count()).toBe(0);
  await page.close();
});

test('over HTTPS the browser says that the connection is broken, and the site handles nothing', async () => {
  const page = await logIn('https://piggypay.test');
  const before = (await lab.events()).at(-1)?.seq ?? 0;
  expect(await post('change/arm')).toMatchObject({ status: 200 });
  await expect(page.reload()).rejects.toThrow('ERR_SSL_BAD_RECORD_MAC_ALERT');
  const since = await lab.events(before);
  expect(ofType(since, 'attack-acted').length).toBeGreaterThan(0);
  expect(ofType(since, 'request-handled')).toEqual([]);
  expect(await post('change/disarm')).toMatchObject({ status: 200 });
  // In a tab of its own: the one with the error is still busy showing it.
  const again = await page.context().newPage();
  await again.goto('https://piggypay.test/account');
  await again.getByRole('region', { name: 'Latest payments' }).waitFor();
});
