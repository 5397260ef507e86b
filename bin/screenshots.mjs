// Makes the README's pictures from a live lab: real traffic, real page, both themes. `--to DIR` puts them elsewhere.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap, requireNode, root } from './bootstrap.mjs';

requireNode();
bootstrap();
const { register } = await import('tsx/esm/api');
register();
const { startLabProcess } = await import('../tests/support/lab-process.ts');
const { launchChromium, openDashboard } = await import('../tests/support/browser.ts');

const flag = process.argv.indexOf('--to');
const folder = flag > 0 ? process.argv[flag + 1] : join(root, 'dashboard/screenshots');
mkdirSync(folder, { recursive: true });

const lab = await startLabProcess();
const browser = await launchChromium();
try {
  for (const [colorScheme, width, height] of [
    ['light', 1280, 720],
    ['dark', 1280, 720],
    ['light', 1024, 768],
    ['dark', 1024, 768],
  ]) {
    await lab.call('POST', '/api/reset', {});
    const { page } = await openDashboard(browser, lab.lab, { colorScheme, width, height });
    await page.getByRole('button', { name: /log in on both/i }).click();
    await page
      .getByText(/welcome/i)
      .nth(1)
      .waitFor();
    await page.getByText(/found the password/i).waitFor();
    await page.getByText(/searched .* 0 found/i).waitFor();
    const file = join(folder, `stage-${colorScheme}-${width}x${height}.png`);
    await page.screenshot({ path: file, animations: 'disabled' });
    console.log(file);
    await page.getByRole('button', { name: 'Inspect Password over HTTP', exact: true }).click();
    await page.getByRole('treeitem', { selected: true }).waitFor();
    const inspected = join(folder, `inspector-${colorScheme}-${width}x${height}.png`);
    await page.screenshot({ path: inspected, animations: 'disabled' });
    console.log(inspected);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('y');
    await page.getByRole('button', { name: 'Connect with open cards' }).click();
    await page.getByText('lent by the victim').waitFor();
    // Where the pointer is, the way to the value is marked.
    await page.mouse.move(0, 0);
    await page.locator('#origin-exchange').evaluate((heading) => heading.scrollIntoView());
    await page.getByText('told by the victim').first().waitFor();
    const keys = join(folder, `keys-${colorScheme}-${width}x${height}.png`);
    await page.screenshot({ path: keys, animations: 'disabled' });
    console.log(keys);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('a');
    await page.getByRole('button', { name: 'Run all' }).click();
    const stop = page.getByRole('button', { name: 'Stop after this one' });
    await stop.waitFor();
    await stop.waitFor({ state: 'detached', timeout: 120_000 });
    const attacks = join(folder, `attacks-${colorScheme}-${width}x${height}.png`);
    await page.screenshot({ path: attacks, animations: 'disabled' });
    console.log(attacks);
    await page.context().close();
  }
} finally {
  await browser.close();
  await lab.stop();
}
