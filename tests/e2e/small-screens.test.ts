import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

/** What of the Stage no scrolling of the page brings into view. As text: these tests are checked as Node's. */
const UNREACHABLE = `(() => {
  const faults = [];
  const box = (element) => element.getBoundingClientRect();
  const screen = document.documentElement;
  if (screen.scrollWidth > screen.clientWidth) faults.push('the page is ' + screen.scrollWidth + ' wide');
  for (const button of document.querySelectorAll('.stage button, .stage select, .stage input'))
    if (box(button).right > screen.clientWidth) faults.push('off the screen: ' + button.textContent.trim());
  for (const part of document.querySelectorAll('section.lane, .verdict, .notebook'))
    if (part.scrollHeight > part.clientHeight) faults.push(part.className + ' holds ' + part.scrollHeight + ' in ' + part.clientHeight);
  for (const lane of document.querySelectorAll('section.lane'))
    if (box(lane.querySelector('.verdict')).bottom > box(lane).bottom) faults.push('a verdict leaves its lane');
  for (const name of document.querySelectorAll('section.lane h2'))
    if (name.scrollWidth > name.clientWidth) faults.push('cut off: ' + name.textContent);
  // Two lines and a half.
  for (const bytes of document.querySelectorAll('section.lane .pane > .bytes'))
    if (box(bytes).height < 50) faults.push('bytes of ' + box(bytes).height);
  const victim = box(document.querySelector('.victim'));
  const browser = box(document.querySelector('.victim .browser'));
  // While one steps, these are of the login before.
  const told = document.querySelector('[aria-label=Stepping]') ? [] : document.querySelectorAll('.victim [role=status] p:not(.note)');
  for (const line of told) {
    const { right, top, bottom } = box(line);
    if (right > browser.left && bottom > browser.top && top < browser.bottom) faults.push('covered: ' + line.textContent);
    if (top < victim.top || bottom > victim.bottom) faults.push('out of the panel: ' + line.textContent);
  }
  return faults;
})()`;

async function isWhole(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(UNREACHABLE)).toEqual([]);
}

// The second is what a zoom of 150 % leaves of 1280 × 720.
test.each([
  { colorScheme: 'light', width: 1280, height: 720 },
  { colorScheme: 'dark', width: 853, height: 480 },
  { colorScheme: 'dark', width: 1024, height: 768 },
  { colorScheme: 'light', width: 1024, height: 576 },
] as const)(
  'at $width × $height all of the Stage can be reached, whatever stands above the lanes',
  async (options) => {
    await lab.call('POST', '/api/reset', {});
    const { page } = await openDashboard(browser, lab.lab, options);
    const logIn = page.getByRole('button', { name: 'Log in on both', disabled: false });
    await logIn.click();
    await page
      .getByText(/welcome/i)
      .nth(1)
      .waitFor();
    await page.getByText(/found the password/i).waitFor();
    await isWhole(page);

    await page.getByRole('button', { name: 'Site', exact: true }).click();
    await page.getByText(/records opened/).waitFor();
    await page.getByRole('button', { name: 'Decrypted', pressed: true }).waitFor();
    await isWhole(page);
    await page.getByRole('button', { name: /Take them back/ }).click();

    await lab.call('POST', '/api/attacks/change/arm', {});
    await page.getByText(/is armed/).waitFor();
    await logIn.click();
    await page
      .getByRole('region', { name: 'HTTPS', exact: true })
      .getByText(/cut off/)
      .waitFor();
    await logIn.waitFor();
    await isWhole(page);

    await page.getByRole('button', { name: /^Step/ }).click();
    await page.getByRole('region', { name: 'Stepping' }).waitFor();
    await logIn.click();
    await page.getByText(/next: ClientHello/).waitFor();
    await isWhole(page);
    await page.getByRole('button', { name: /^Step/ }).click();
    await page.getByRole('region', { name: 'Stepping' }).waitFor({ state: 'detached' });
    await logIn.waitFor();
    await lab.call('POST', '/api/attacks/change/disarm', {});
    await page.context().close();
  },
);

test.each([853, 1024])('on a screen %i wide no control of the inspector lies on another', async (width) => {
  await lab.call('POST', '/api/reset', {});
  const { page } = await openDashboard(browser, lab.lab, { width, height: 768 });
  // With something to reveal, the head is at its fullest.
  await page.getByLabel('Password (invented)').fill('hunter2-secret');
  await page.getByRole('button', { name: 'Log in on both', disabled: false }).click();
  await page.getByText(/found the password/i).waitFor();
  await page.getByRole('button', { name: 'Inspector' }).click();
  const dialog = page.getByRole('dialog', { name: 'Inspector' });
  await dialog
    .getByRole('button', { name: /Reveal/ })
    .first()
    .waitFor();
  await dialog.getByRole('status').filter({ hasText: / of / }).first().waitFor();
  const overlaps = `(() => {
    const parts = [...document.querySelectorAll('dialog > header :is(h2, input, select, button, [role=status])')];
    // As many as a long lesson captures.
    parts.find((part) => part.role === 'status').textContent = '12,979 of 12,979';
    const boxes = parts.map((part) => {
      const range = document.createRange();
      range.selectNodeContents(part);
      const [a, b] = [part.getBoundingClientRect(), range.getBoundingClientRect()];
      const isText = part.role === 'status';
      return { name: part.textContent.trim(), top: a.top, bottom: a.bottom, left: isText ? Math.min(a.left, b.left) : a.left, right: isText ? Math.max(a.right, b.right) : a.right };
    });
    return boxes.flatMap((one, index) => [
      ...(one.right > innerWidth ? [one.name + ' is off the screen'] : []),
      ...boxes.slice(index + 1).filter((other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom).map((other) => one.name + ' on ' + other.name),
    ]);
  })()`;
  expect(await page.evaluate(overlaps)).toEqual([]);
  await page.context().close();
});
