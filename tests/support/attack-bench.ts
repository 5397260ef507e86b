import { AxeBuilder } from '@axe-core/playwright';
import type { Locator, Page } from 'playwright';

/** What axe finds wrong with a page. */
export async function faults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

/** The board of attacks, over everything else. */
export function bench(page: Page): Locator {
  return page.getByRole('dialog', { name: 'The attack bench' });
}

export function row(page: Page, title: string): Locator {
  return bench(page).getByRole('listitem', { name: title, exact: true });
}

export function cell(page: Page, title: string, lane: 'HTTP' | 'HTTPS'): Locator {
  return bench(page).getByRole('region', { name: `${title} over ${lane}`, exact: true });
}

export async function openBench(page: Page): Promise<void> {
  await page.getByText('Live', { exact: true }).waitFor();
  await page.keyboard.press('a');
  await bench(page).getByRole('listitem', { name: 'Change', exact: true }).waitFor();
}
