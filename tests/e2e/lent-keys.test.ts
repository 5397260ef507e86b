import { AxeBuilder } from '@axe-core/playwright';
import type { Findings } from '#contract';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium, openDashboard } from '../support/browser.ts';
import { startLabProcess, type LabProcess } from '../support/lab-process.ts';

const PASSWORD = 'monsoon-42';

let lab: LabProcess;
let browser: Browser;

async function logIn(password = PASSWORD): Promise<void> {
  const { persona } = (await lab.call('GET', '/api/victim')).body as { persona: { mobile: string } };
  await lab.call('POST', '/api/victim/login', { mobile: persona.mobile, password, site: 'both' });
}

beforeAll(async () => {
  lab = await startLabProcess();
  browser = await launchChromium();
  await logIn();
});
afterAll(async () => {
  await browser.close();
  await lab.stop();
});

async function faults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

function lane(page: Page) {
  return page.getByRole('region', { name: 'HTTPS', exact: true });
}

function banner(page: Page) {
  return page.getByRole('status').filter({ hasText: 'has lent its keys' });
}

function messages(page: Page) {
  return page.getByRole('listbox', { name: 'Messages', exact: true });
}

/** The verdict of the lane and the notebook, which are the stranger's, once the page has taken in all that the lab has. */
async function strangers(page: Page): Promise<unknown> {
  const findings = (await lab.call('GET', '/api/findings')).body as Findings;
  const { searchedBytes } = findings.lanes.https.verdict;
  const status = lane(page)
    .getByRole('status')
    .filter({ hasText: searchedBytes.toLocaleString('en') });
  const verdict = await status.textContent();
  const notebook = await page.getByRole('region', { name: /notebook/i }).textContent();
  return { verdict, notebook, findings };
}

async function lendSite(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Site', exact: true }).first().click();
  await page.getByText(/records opened on this page/).waitFor();
}

describe.each([
  { colorScheme: 'light', width: 1280, height: 720 },
  { colorScheme: 'dark', width: 1024, height: 768 },
] as const)('lending the site’s keys in $colorScheme at $width×$height', (options) => {
  test('shows the password inside the sealed record, and takes it back without a trace', async () => {
    const { page, complaints } = await openDashboard(browser, lab.lab, options);
    await page
      .getByText(/found the password/i)
      .first()
      .waitFor();
    const before = await strangers(page);
    expect(await lane(page).innerText()).not.toContain(PASSWORD);

    await lendSite(page);
    await lane(page).getByRole('option', { selected: true }).getByText('POST /api/v1/login').waitFor();
    await lane(page).getByText('inside a sealed record').first().waitFor();
    await lane(page).getByText('decrypted with a lent key', { exact: true }).waitFor();
    await lane(page).locator('mark.password', { hasText: PASSWORD }).waitFor();
    expect(await strangers(page)).toEqual(before);
    expect(await faults(page)).toEqual([]);
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(overflow).toBe(0);

    await lane(page).getByRole('button', { name: 'On the wire' }).click();
    await lane(page)
      .getByRole('region', { name: /^Captured bytes of/ })
      .waitFor();
    await page.keyboard.press('k');
    await banner(page).waitFor({ state: 'detached' });
    await lane(page).getByText('inside a sealed record').first().waitFor({ state: 'detached' });
    expect(await lane(page).innerHTML()).not.toContain(PASSWORD);
    expect(await lane(page).innerHTML()).not.toContain('/api/v1/login');
    expect(await strangers(page)).toEqual(before);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

test('in the inspector the same record has what was inside, and is found by it only while keys are lent', async () => {
  const { page, complaints } = await openDashboard(browser, lab.lab);
  await page
    .getByText(/found the password/i)
    .first()
    .waitFor();
  await page.keyboard.press('i');
  await page.getByLabel('Lane').selectOption('HTTPS');
  await page.getByLabel('Find in titles and bytes').fill(PASSWORD);
  const count = (words: RegExp) => page.getByRole('search').getByRole('status').filter({ hasText: words });
  await count(/^\s*0 of/).waitFor();

  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Site', exact: true }).click();
  await count(/^\s*1 of/).waitFor();
  await messages(page).getByText('POST /api/v1/login').click();
  const tabs = page.getByRole('tablist', { name: 'Bytes of this message' });
  await tabs.getByRole('tab', { name: /POST \/api\/v1\/login.*decrypted with a lent key/ }).click();
  await page.getByRole('treeitem', { name: /Request line/ }).waitFor();
  expect(await faults(page)).toEqual([]);

  await dialog.getByRole('button', { name: 'Stranger', exact: true }).click();
  await count(/^\s*0 of/).waitFor();
  // The message that was taken apart goes behind the list that it was found in.
  await expect.poll(() => dialog.innerHTML()).not.toContain('/api/v1/login');
  await page.getByRole('button', { name: 'Clear', exact: true }).click();
  await messages(page).getByText('ServerHello').first().waitFor();
  expect(await dialog.getByText('decrypted with a lent key').count()).toBe(0);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('what a person typed stays half hidden in decrypted bytes, and cannot be copied until it is revealed', async () => {
  await logIn('hunter2-secret');
  const { page } = await openDashboard(browser, lab.lab);
  await lane(page).getByRole('option', { selected: true }).waitFor();
  await lendSite(page);
  await lane(page).getByText('hunter2•••••••').first().waitFor();
  expect(await page.locator('body').innerHTML()).not.toContain('-secret');
  await lane(page).getByRole('button', { name: 'Inspect', exact: true }).click();
  await page.getByRole('tab', { name: /POST \/api\/v1\/login.*decrypted with a lent key/ }).click();
  const copy = page.getByRole('button', { name: 'Copy as text' });
  expect(await copy.getAttribute('aria-disabled')).toBe('true');
  expect(await page.locator('body').innerHTML()).not.toContain('-secret');
  await page.context().close();
});

test('the keys that the victim tells open the same records as those of the site', async () => {
  const { page } = await openDashboard(browser, lab.lab);
  await lane(page).getByRole('option', { selected: true }).waitFor();
  const lend = async (end: 'Browser' | 'Site') => {
    await page.getByRole('button', { name: end, exact: true }).first().click();
    await page.getByText(`The ${end.toLowerCase()} has lent its keys.`).waitFor();
    // Two logins; what stays sealed would be counted behind it.
    await page.getByText(/^\s*28 records opened on this page, every tag verified\s*$/).waitFor();
  };
  await lend('Site');
  await lend('Browser');
  await page.context().close();
});

test('opens a recording with the keys that are in its file, marked as recorded, and a reset takes them back', async () => {
  const file = await fetch(`${lab.lab.dashboard}/api/capture.pcapng?keys=1`, {
    headers: { Authorization: `Bearer ${lab.lab.token}` },
  });
  const capture = Buffer.from(await file.arrayBuffer());
  const { page } = await openDashboard(browser, lab.lab);
  await lendSite(page);
  await page.locator('input[type=file]').first().setInputFiles({
    name: 'login.pcapng',
    mimeType: 'application/octet-stream',
    buffer: capture,
  });
  await page.getByRole('dialog').getByRole('button', { name: 'Open', exact: true }).click();
  await page.getByText('recorded', { exact: true }).first().waitFor();
  await banner(page).waitFor({ state: 'detached' });
  await lane(page).getByRole('option').first().waitFor();
  await lendSite(page);
  await lane(page).getByText('decrypted with a lent key · recorded').waitFor();
  await lane(page).getByText('POST /api/v1/login').first().waitFor();
  await page.getByRole('button', { name: 'New live capture' }).click();
  await page.getByText('recorded', { exact: true }).first().waitFor({ state: 'detached' });
  await banner(page).waitFor({ state: 'detached' });
  await page.context().close();
});
