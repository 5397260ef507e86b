import type { BrowserStatus, LogEvent } from '#contract';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PERSONA } from '../../demo-sites/piggypay/persona.ts';
import { driveDemoBrowser, startLabWithHeadlessBrowser } from '../support/demo-browser.ts';
import { capturedBytes, type LabProcess } from '../support/lab-process.ts';
import { Steps } from '../proxy/stepping/steps.ts';

let lab: LabProcess;
let steps: Steps;
let victim: Browser;
let page: Page;

beforeAll(async () => {
  lab = await startLabWithHeadlessBrowser();
  steps = new Steps(lab.lab);
  const { body } = await lab.call('POST', '/api/browser/open');
  expect((body as BrowserStatus).running).toBe(true);
  victim = await driveDemoBrowser(lab);
  const opened = await victim.contexts()[0]?.newPage();
  if (!opened) throw new Error('the demo browser has no window');
  page = opened;
});
afterAll(async () => {
  steps.close();
  await victim.close();
  await lab.stop();
});

function handled(events: readonly LogEvent[], path: string): number {
  return events.filter((event) => event.type === 'request-handled' && event.path === path).length;
}

test('a TLS 1.3 login in the browser, record by record, from the ClientHello to the account page', async () => {
  await steps.mode('step', 'https');
  // The tabs that the lab has opened may hold connections of their own; this is a new visit.
  const before = (await lab.events()).length;
  const arrived = page.goto('https://piggypay.test/');
  const visit = await steps.until('https', arrived);
  expect(visit.answer?.status()).toBe(200);

  const events = await lab.events();
  const fresh = events.slice(before);
  const hello = visit.units.find(({ unit }) => unit.startsWith('ClientHello'));
  const connection = hello?.connection ?? 0;
  const own = visit.units.filter((unit) => unit.connection === connection);
  const what = own.map(({ unit }) => unit.split(',')[0]);
  expect(what.slice(0, 2)).toEqual(['ClientHello', 'ServerHello']);
  expect(own.find(({ unit }) => unit.includes('share this record go together'))?.direction).toBe(
    'server-to-client',
  );
  // supported_versions of the ServerHello settles TLS 1.3 (RFC 8446, 4.2.1): 00 2b 00 02 03 04.
  const answered = capturedBytes(events, connection, 'server-to-client');
  expect(answered.subarray(0, 300).includes(Buffer.from('002b00020304', 'hex'))).toBe(true);
  expect(fresh.some(({ type }) => type === 'handshake-failed')).toBe(false);

  await page.getByLabel(/mobile/i).fill(PERSONA.mobile);
  await page.getByRole('textbox', { name: 'Password' }).fill(PERSONA.password);
  const click = page.getByRole('button', { name: /log in/i }).click({ noWaitAfter: true });
  await click;
  await steps.waiting('https');
  expect(handled(await lab.events(), '/api/v1/login')).toBe(0);
  const login = await steps.until('https', page.waitForURL(/account/));
  expect(login.units.length).toBeGreaterThanOrEqual(4);
  expect(handled(await lab.events(), '/api/v1/login')).toBe(1);
});

test('what was held goes on when the lab goes live, and the page is whole', async () => {
  const reloaded = page.reload();
  await steps.waiting('https');
  await steps.mode('live');
  expect((await reloaded)?.status()).toBe(200);
  await page.getByText(PERSONA.name).first().waitFor();
  expect(await steps.state()).toMatchObject({ mode: 'live', held: [] });
});
