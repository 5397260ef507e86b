import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium, openDashboard } from '../support/browser.ts';
import { startLabProcess, type LabProcess } from '../support/lab-process.ts';

let lab: LabProcess;
let browser: Browser;

beforeAll(async () => {
  lab = await startLabProcess();
  browser = await launchChromium();
  const { persona } = (await lab.call('GET', '/api/victim')).body as {
    persona: { mobile: string; password: string };
  };
  await lab.call('POST', '/api/victim/login', {
    mobile: persona.mobile,
    password: persona.password,
    site: 'both',
  });
});
afterAll(async () => {
  await browser.close();
  await lab.stop();
});

async function faults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

function messages(page: Page) {
  return page.getByRole('listbox', { name: 'Messages', exact: true });
}

describe.each([
  { colorScheme: 'light', width: 1280, height: 720 },
  { colorScheme: 'dark', width: 1024, height: 768 },
] as const)('the inspector in $colorScheme at $width×$height', (options) => {
  test('is whole and accessible, empty, full and with a field chosen', async () => {
    const { page, complaints } = await openDashboard(browser, lab.lab, options);
    await page.getByText(/found the password/i).waitFor();
    await page.keyboard.press('i');
    await messages(page).getByRole('option', { selected: true }).getByText('POST /api/v1/login').waitFor();
    await page.getByRole('treeitem', { name: /Request line/ }).click();
    expect(await faults(page)).toEqual([]);
    const overflow = await page.evaluate(
      '({ x: document.documentElement.scrollWidth - innerWidth, y: document.documentElement.scrollHeight - innerHeight })',
    );
    expect(overflow).toEqual({ x: 0, y: 0 });

    await page.getByLabel('Find in titles and bytes').fill('nothing is called this');
    await page.getByText('No message matches.').waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await messages(page).getByText('ClientHello').first().click();
    await page.getByRole('treeitem', { name: /TLS record/ }).waitFor();
    expect(await faults(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

test('leads from a cell of the notebook to its bytes, and back with Escape', async () => {
  const { page } = await openDashboard(browser, lab.lab);
  const cell = page.getByRole('button', { name: 'Inspect Password over HTTP', exact: true });
  await cell.focus();
  await page.keyboard.press('Enter');
  const field = page.getByRole('treeitem', { selected: true });
  await field.getByText('monsoon-42').waitFor();
  // The bytes are drawn once it is known how many of them have room.
  await expect.poll(() => page.locator('.hex .chosen').count()).toBe('monsoon-42'.length);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const focused = () => page.evaluate('document.activeElement?.getAttribute("aria-label")');
  await expect.poll(focused).toBe('Inspect Password over HTTP');
  await page.context().close();
});

test('is walked from message to field to byte by the keyboard alone', async () => {
  const { page } = await openDashboard(browser, lab.lab);
  await page.getByText(/found the password/i).waitFor();
  await page.keyboard.press('i');
  await messages(page).getByRole('option', { selected: true }).waitFor();
  await page.keyboard.press('Home');
  await messages(page).getByRole('option', { selected: true }).getByText('Query').waitFor();
  // Taken apart in a worker: the list is ahead of the tree.
  const tree = page.getByRole('tree');
  const selected = page.getByRole('treeitem', { selected: true });
  await tree.getByText('Transaction ID').first().waitFor();
  await tree.focus();
  await page.keyboard.press('Home');
  await selected.waitFor();
  const top = await selected.textContent();
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => selected.textContent()).not.toBe(top);
  const first = await selected.textContent();
  await page.getByRole('region', { name: /^Bytes of/ }).focus();
  await page.keyboard.press('Control+End');
  await page.locator('.hex .cursor').waitFor();
  await expect.poll(() => selected.textContent()).not.toBe(first);
  expect(await selected.getAttribute('aria-expanded')).toBeNull();
  await page.context().close();
});

test('narrows thousands of bytes of traffic to what is looked for', async () => {
  const { page } = await openDashboard(browser, lab.lab);
  await page.getByText(/found the password/i).waitFor();
  await page.keyboard.press('i');
  const count = (words: RegExp) => page.getByRole('search').getByRole('status').filter({ hasText: words });
  await page.getByLabel('Find in titles and bytes').fill('monsoon-42');
  await count(/^\s*1 of/).waitFor();
  await messages(page).getByText('POST /api/v1/login').waitFor();
  await page.getByLabel('Lane').selectOption('HTTPS');
  await count(/^\s*0 of/).waitFor();
  await page.getByRole('button', { name: 'Clear', exact: true }).click();
  await page.getByLabel('Type').selectOption('DNS');
  await messages(page).getByText('Query').first().waitFor();
  await page.context().close();
});
