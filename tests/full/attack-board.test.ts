import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AttackInfo } from '#contract';
import { bench, faults, openBench } from '../support/attack-bench.ts';
import { launchChromium, openDashboard } from '../support/browser.ts';
import { startLabProcess, type LabProcess } from '../support/lab-process.ts';

/** Ten attacks on two lanes, on a machine that has other things to do. */
const PATIENCE = { timeout: 240_000 };

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

/** How much of the page lies beyond the window. */
async function overflow(page: Page): Promise<unknown> {
  return await page.evaluate(
    '({ x: document.documentElement.scrollWidth - innerWidth, y: document.documentElement.scrollHeight - innerHeight })',
  );
}

test('runs all of them, all fit the screen and are accessible, and a reset forgets them', async () => {
  const { page, complaints } = await openDashboard(browser, lab.lab, { width: 1280, height: 720 });
  await openBench(page);
  expect(await faults(page)).toEqual([]);
  await bench(page).getByRole('button', { name: 'Run all' }).click();
  await bench(page).getByRole('button', { name: 'Stop after this one' }).waitFor();
  await bench(page).getByRole('button', { name: 'Run all' }).waitFor(PATIENCE);
  const { attacks: list } = (await lab.call('GET', '/api/attacks')).body as {
    attacks: readonly AttackInfo[];
  };
  const folded = bench(page).getByRole('listitem').getByRole('button', { expanded: false });
  await expect.poll(() => folded.count()).toBe(list.length);
  const succeeded = bench(page).getByText('Succeeded', { exact: true });
  await expect.poll(() => succeeded.count()).toBeGreaterThanOrEqual(5);
  for (const [colorScheme, width, height] of [
    ['light', 1280, 720],
    ['dark', 1024, 768],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    const end = async () => {
      const box = await bench(page).getByRole('listitem').last().boundingBox();
      return (box?.y ?? height) + (box?.height ?? 0);
    };
    // What measures itself is laid out anew a little after the window has its size.
    await expect.poll(end).toBeLessThanOrEqual(height);
    expect(await faults(page)).toEqual([]);
    expect(await overflow(page)).toEqual({ x: 0, y: 0 });
  }
  await bench(page).getByRole('button', { name: 'Unfold all' }).click();
  await bench(page)
    .getByRole('button', { name: 'Run again' })
    .nth(list.length - 1)
    .waitFor();
  expect(await faults(page)).toEqual([]);
  await lab.call('POST', '/api/reset', {});
  await bench(page).getByRole('button', { name: 'Run again' }).first().waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  await bench(page).waitFor({ state: 'detached' });
  expect(complaints).toEqual([]);
  await page.context().close();
});
