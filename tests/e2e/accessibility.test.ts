import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPatience, launchChromium, openDashboard } from '../support/browser.ts';
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

async function faults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

/** Whether the page is whole: nothing to scroll to beyond the screen. */
function overflow(page: Page): Promise<{ x: number; y: number }> {
  // As text: these tests are checked as Node's, which has no document.
  return page.evaluate(
    '({ x: document.documentElement.scrollWidth - innerWidth, y: document.documentElement.scrollHeight - innerHeight })',
  );
}

describe.each([
  { colorScheme: 'light', width: 1280, height: 720 },
  { colorScheme: 'dark', width: 1280, height: 720 },
  { colorScheme: 'light', width: 1024, height: 768 },
  { colorScheme: 'dark', width: 1024, height: 768 },
] as const)('the Stage in $colorScheme at $width×$height', (options) => {
  test('is whole and accessible, empty, after a login and with the other traffic open', async () => {
    await lab.call('POST', '/api/reset', {});
    const { page } = await openDashboard(browser, lab.lab, options);
    await page.getByRole('button', { name: 'Log in on both', disabled: false }).waitFor();
    expect(await faults(page)).toEqual([]);
    expect(await overflow(page)).toEqual({ x: 0, y: 0 });

    await page.getByRole('button', { name: 'Log in on both' }).click();
    await page
      .getByText(/welcome/i)
      .nth(1)
      .waitFor();
    await page.getByText(/found the password/i).waitFor();
    expect(await faults(page)).toEqual([]);
    expect(await overflow(page)).toEqual({ x: 0, y: 0 });

    await page.getByRole('button', { name: /other traffic/i }).click();
    await page.getByRole('dialog').waitFor();
    expect(await faults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.context().close();
  });
});

test('PiggyPay is accessible, before and after the login', async () => {
  const site = lab.lab.routes.find(({ port }) => port === 80)?.listen ?? 0;
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(browserPatience);
  await page.goto(`http://127.0.0.1:${site}/`);
  expect(await faults(page)).toEqual([]);
  await page.getByLabel(/mobile/i).fill('9800000012');
  await page.getByRole('textbox', { name: 'Password' }).fill('monsoon-42');
  await page.keyboard.press('Enter');
  await page.waitForURL(/account/);
  expect(await faults(page)).toEqual([]);
  await page.context().close();
});

test('the whole lesson works from the keyboard', async () => {
  await lab.call('POST', '/api/reset', {});
  const { page } = await openDashboard(browser, lab.lab);
  await page.getByRole('button', { name: 'Log in on both', disabled: false }).waitFor();
  await page.keyboard.press('l');
  await page.getByText(/found the password/i).waitFor();
  const list = page.getByRole('region', { name: 'HTTP', exact: true }).getByRole('listbox');
  await list.focus();
  await page.keyboard.press('Home');
  await page.getByRole('region', { name: 'HTTP', exact: true }).getByText('GET / HTTP/1.1').first().waitFor();
  await page.keyboard.press('ArrowDown');
  await page
    .getByRole('region', { name: 'HTTP', exact: true })
    .getByText('HTTP/1.1 200 OK')
    .first()
    .waitFor();
  await page.context().close();
});
