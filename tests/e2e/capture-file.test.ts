import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBlocks, readPackets } from '../proxy/pcapng/reading.ts';
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

test('the capture is saved from the dashboard, as a file that holds the login', async () => {
  const { page, complaints } = await openDashboard(browser, lab.lab);
  await page.getByRole('button', { name: 'Log in on both' }).click();
  await page.getByText(/found the password 1×/i).waitFor();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Captures', exact: true }).click();
  await page.getByRole('link', { name: 'Capture (pcapng)' }).click();
  const download = await saved;
  expect(download.suggestedFilename()).toMatch(/^plainsight-\d{8}-\d{6}\.pcapng$/);
  const file = readFileSync(await download.path());
  expect(readBlocks(file)[0]?.type).toBe(0x0a0d0d0a);
  const withPassword = readPackets(file).filter(({ frame }) => frame.includes('monsoon-42'));
  expect(withPassword).toHaveLength(1);
  // Virtual port 80, where the victim sent it.
  expect(withPassword[0]?.frame.readUInt16BE(36)).toBe(80);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('the capture is opened again, shown as recorded, and left for a live one', async () => {
  await lab.call('POST', '/api/reset', {});
  const { page, complaints } = await openDashboard(browser, lab.lab);
  await page.getByRole('button', { name: 'Log in on both' }).click();
  await page.getByText(/found the password 1×/i).waitFor();
  const headers = { Authorization: `Bearer ${lab.lab.token}` };
  const response = await fetch(`${lab.lab.dashboard}/api/capture.pcapng?keys=1`, { headers });
  const file = Buffer.from(await response.arrayBuffer());

  await page.getByRole('button', { name: 'Captures', exact: true }).click();
  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Open a capture' }).click();
  await (await choosing).setFiles({ name: 'lab.pcapng', mimeType: '', buffer: file });
  // What was captured live would be gone: first it stays, then it goes.
  const question = page.getByRole('dialog', { name: 'Open lab.pcapng?' });
  await question.getByText(/forgets the \d+ messages captured live/).waitFor();
  await page.keyboard.press('Escape');
  await question.waitFor({ state: 'detached' });
  await page.locator('button:focus', { hasText: 'Captures' }).waitFor();
  expect((await lab.events())[0]).toMatchObject({ type: 'epoch-started', source: 'live' });
  await page.getByRole('button', { name: 'Captures', exact: true }).click();
  const choosingAgain = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Open a capture' }).click();
  await (await choosingAgain).setFiles({ name: 'lab.pcapng', mimeType: '', buffer: file });
  await question.getByRole('button', { name: 'Open', exact: true }).click();
  await page.getByText('recorded', { exact: true }).first().waitFor();
  await page.getByText(/found the password 1×/i).waitFor();
  await page.getByRole('button', { name: 'Log in on both', disabled: true }).waitFor();

  await page.getByRole('button', { name: 'New live capture' }).click();
  await page.getByText('recorded', { exact: true }).first().waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Log in on both', disabled: false }).waitFor();
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a file that is no capture is refused with a sentence and a hint', async () => {
  const { page } = await openDashboard(browser, lab.lab);
  await page.getByRole('button', { name: 'Captures', exact: true }).click();
  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Open a capture' }).click();
  await (await choosing).setFiles({ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') });
  await page.getByText('This is no capture file.').waitFor();
  await page
    .getByText(/Open a pcap or pcapng file/)
    .first()
    .waitFor();
  await page.context().close();
});

test('the file is for whoever holds the token, and nobody else', async () => {
  const address = `${lab.lab.dashboard}/api/capture.pcapng`;
  expect((await fetch(address)).status).toBe(401);
  const foreign = { Authorization: `Bearer ${lab.lab.token}`, Origin: 'http://evil.test' };
  expect((await fetch(address, { headers: foreign })).status).toBe(403);
});
