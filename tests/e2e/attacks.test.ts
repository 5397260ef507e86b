import type { Browser } from 'playwright';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { AttackInfo, LogEvent } from '#contract';
import { PERSONA } from '../../demo-sites/piggypay/persona.ts';
import { bench, cell, faults, openBench, row } from '../support/attack-bench.ts';
import { launchChromium, openDashboard } from '../support/browser.ts';
import { startLabProcess, type LabProcess } from '../support/lab-process.ts';

let lab: LabProcess;
let browser: Browser;

beforeAll(async () => {
  lab = await startLabProcess();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await lab.stop();
});
beforeEach(async () => {
  await lab.call('POST', '/api/reset', {});
});

async function attacks(): Promise<readonly AttackInfo[]> {
  return ((await lab.call('GET', '/api/attacks')).body as { attacks: readonly AttackInfo[] }).attacks;
}

/** What the site says that it handled, from the log and past every attack's word. */
async function handledTransfers(): Promise<number> {
  const response = await fetch(`${lab.lab.dashboard}/api/events`, {
    headers: { Authorization: `Bearer ${lab.lab.token}` },
  });
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  const events = lines.map((line) => JSON.parse(line) as LogEvent);
  return events.filter((event) => event.type === 'request-handled' && event.path === '/api/v1/transfer')
    .length;
}

test('the same change succeeds over HTTP and is refused over HTTPS, by the site’s own count', async () => {
  const { page, complaints } = await openDashboard(browser, lab.lab);
  await openBench(page);
  const [http, https] = [cell(page, 'Change', 'HTTP'), cell(page, 'Change', 'HTTPS')];
  await http.getByRole('radio', { name: 'Yes' }).check();
  await https.getByRole('radio', { name: 'No, and somebody notices' }).check();
  await row(page, 'Change').getByRole('button', { name: 'Run' }).click();
  await http.getByText('Succeeded', { exact: true }).waitFor();
  await https.getByText('Refused', { exact: true }).waitFor();
  expect(await bench(page).getByRole('status').innerText()).toBe(
    'Change: over HTTP succeeded, over HTTPS refused.',
  );
  expect(await http.innerText()).toMatch(/handled 1 request of the attack · Transfers booked: 1/);
  expect(await https.innerText()).toMatch(/handled no request of the attack · Transfers booked: 0/);
  expect(await handledTransfers()).toBe(1);
  expect(await https.innerText()).toMatch(/You expected: No, and somebody notices\. ✓ So it was/);
  expect(await https.innerText()).toMatch(/BAD_RECORD_MAC/i);

  // One bit, in the record that carried the transfer; and words over HTTP.
  await https.getByText(/^one bit: [01 ]{9} became [01 ]{9}$/).waitFor();
  const sent = http.getByLabel('Bytes before and after').filter({ hasText: 'Meera' });
  expect(await sent.first().locator('mark').allInnerTexts()).toContain('Meera');
  expect(await faults(page)).toEqual([]);

  await https.getByRole('button', { name: 'Show the bytes that were sent' }).first().click();
  const inspector = page.getByRole('dialog', { name: /inspector/i });
  await inspector.getByRole('treeitem', { selected: true }).waitFor();
  await page.keyboard.press('Escape');
  await inspector.waitFor({ state: 'detached' });
  await bench(page).waitFor();
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('every page shows what ran on one of them, also after a reload, until a reset', async () => {
  const { page, complaints } = await openDashboard(browser, lab.lab);
  const { page: other } = await openDashboard(browser, lab.lab);
  await openBench(other);
  await openBench(page);
  await cell(page, 'Read', 'HTTPS').getByRole('radio', { name: 'No', exact: true }).check();
  await row(page, 'Read').getByRole('button', { name: 'Run' }).click();
  for (const each of [page, other]) {
    await cell(each, 'Read', 'HTTP').getByText('Succeeded', { exact: true }).waitFor();
    await bench(each).getByRole('status').filter({ hasText: 'Read: over HTTP succeeded' }).waitFor();
  }
  await page.reload();
  await openBench(page);
  await cell(page, 'Read', 'HTTPS').getByText('No effect', { exact: true }).waitFor();
  await bench(page).getByRole('status').filter({ hasText: 'Read: over HTTP succeeded' }).waitFor();
  await cell(page, 'Read', 'HTTPS')
    .getByText('You expected: No. ✓ So it was.')
    .waitFor({ state: 'attached' });
  await lab.call('POST', '/api/reset', {});
  for (const each of [page, other])
    await cell(each, 'Read', 'HTTP').getByRole('radio', { name: 'Yes' }).waitFor();
  expect(complaints).toEqual([]);
  await page.context().close();
  await other.context().close();
});

test('while one is armed the Stage says so on every page, until one click disarms it', async () => {
  const { page } = await openDashboard(browser, lab.lab);
  const { page: other, complaints } = await openDashboard(browser, lab.lab);
  await other.getByText('Live', { exact: true }).waitFor();
  await openBench(page);
  await row(page, 'Change').getByRole('switch', { name: 'Arm' }).click();
  const banner = other.getByText('The stranger changes what crosses: “Change” is armed.');
  await banner.waitFor();
  expect((await attacks()).filter(({ isArmed }) => isArmed).map(({ id }) => id)).toEqual(['change']);
  // The other page may have heard of it first.
  await row(page, 'Read').getByRole('button', { name: 'Run', disabled: true }).waitFor();
  expect(await faults(other)).toEqual([]);
  await other.getByRole('button', { name: 'Disarm it' }).click();
  await banner.waitFor({ state: 'detached' });
  expect((await attacks()).some(({ isArmed }) => isArmed)).toBe(false);
  await row(page, 'Change').getByRole('switch', { name: 'Arm', checked: false }).waitFor();

  await row(page, 'Change').getByRole('switch', { name: 'Arm' }).click();
  await banner.waitFor();
  // Whoever comes is the scripted victim here, past this page.
  const { mobile, password } = PERSONA;
  await lab.call('POST', '/api/victim/login', { mobile, password, site: 'https' });
  await other.getByText('Change over HTTPS: refused.', { exact: true }).waitFor();
  const armed = cell(page, 'Change', 'HTTPS').getByRole('group', { name: /^While armed/ });
  await armed.getByText('Refused', { exact: true }).waitFor();
  expect(await armed.innerText()).toMatch(/handled no request of the attack/);
  expect(await faults(page)).toEqual([]);
  await lab.call('POST', '/api/reset', {});
  await banner.waitFor({ state: 'detached' });
  expect(complaints).toEqual([]);
  await page.context().close();
  await other.context().close();
});
