import type { BrowserStatus, LogEvent } from '#contract';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PERSONA } from '../../demo-sites/piggypay/persona.ts';
import { launchChromium, openDashboard } from '../support/browser.ts';
import { driveDemoBrowser, startLabWithHeadlessBrowser } from '../support/demo-browser.ts';
import { capturedBytes, type LabProcess } from '../support/lab-process.ts';

let lab: LabProcess;
let audience: Browser;
let victim: Browser;

beforeAll(async () => {
  lab = await startLabWithHeadlessBrowser();
  audience = await launchChromium();
  const { status, body } = await lab.call('POST', '/api/browser/open');
  expect(status, JSON.stringify(body)).toBe(200);
  expect((body as BrowserStatus).running).toBe(true);
  victim = await driveDemoBrowser(lab);
  const second = await victim.contexts()[0]?.newPage();
  await second?.goto('https://piggypay.test');
});
afterAll(async () => {
  await victim.close();
  await audience.close();
  await lab.stop();
});

/** A tab that is at this address, or soon will be, once its page is there. */
async function tab(address: string): Promise<Page> {
  const found = () =>
    victim
      .contexts()
      .flatMap((context) => context.pages())
      .find((candidate) => candidate.url().startsWith(address));
  await expect.poll(found).toBeDefined();
  const page = found();
  if (!page) throw new Error(`no tab at ${address}`);
  await page.waitForLoadState();
  return page;
}

async function typeLogin(page: Page): Promise<void> {
  await page.getByLabel(/mobile/i).fill(PERSONA.mobile);
  await page.getByRole('textbox', { name: 'Password' }).fill(PERSONA.password);
  await page.getByRole('button', { name: /log in/i }).click();
  await page.waitForURL(/account/);
}

test('a person types the login into both tabs; the dashboard shows the password in the HTTP lane alone', async () => {
  const { page } = await openDashboard(audience, lab.lab);
  await typeLogin(await tab('http://piggypay.test'));
  await typeLogin(await tab('https://piggypay.test'));
  const http = page.getByRole('region', { name: 'HTTP', exact: true });
  const https = page.getByRole('region', { name: 'HTTPS', exact: true });
  await http.getByText(/found the password 1×/i).waitFor();
  await https.getByText(/searched [\d,]+ bytes .* 0 found/i).waitFor();
  expect(await http.innerText()).toContain(PERSONA.password);
  expect(await https.innerText()).not.toContain(PERSONA.password);
  await page.context().close();
});

test('the raw bytes of every TLS connection hold no password; the plain ones do', async () => {
  const events = await lab.events();
  const opened = events.filter(
    (event) => event.type === 'connection-opened' && event.opener === 'demo-browser',
  );
  const contains = (port: number) =>
    opened
      .filter((event) => event.type === 'connection-opened' && event.server.port === port)
      .some((event) => sent(events, event).includes(PERSONA.password));
  expect(contains(80)).toBe(true);
  expect(contains(443)).toBe(false);
  expect(events.filter(({ type }) => type === 'handshake-failed')).toEqual([]);
});

function sent(events: LogEvent[], event: LogEvent): Buffer {
  return event.type === 'connection-opened'
    ? capturedBytes(events, event.connection, 'client-to-server')
    : Buffer.alloc(0);
}

test('its address bar names the demo sites, and every other name leads nowhere, loopback included', async () => {
  expect((await tab('http://piggypay.test')).url()).toBe('http://piggypay.test/account');
  for (const address of [
    'http://example.com/',
    'http://127.0.0.1/',
    lab.lab.dashboard,
    'http://localhost/',
    'http://10.0.0.1/',
  ]) {
    // In a tab of its own: one with an error is still busy showing it.
    const elsewhere = await victim.contexts()[0]?.newPage();
    await expect(elsewhere?.goto(address)).rejects.toThrow('ERR_NAME_NOT_RESOLVED');
    await elsewhere?.close();
  }
});

test('its sockets reach nothing but loopback', () => {
  const table = execFileSync('ss', ['-Htunp'], { encoding: 'utf8' });
  const own = processesUnder(lab.process.pid ?? 0);
  const peers = table
    .split('\n')
    .filter((line) => /chrom|edge/.test(line))
    .filter((line) => [...line.matchAll(/pid=(\d+)/g)].some(([, pid]) => own.has(Number(pid))))
    .map((line) => line.trim().split(/\s+/)[5] ?? '');
  expect(peers.length).toBeGreaterThan(0);
  for (const peer of peers) expect(peer).toMatch(/^(127\.|\[::1\]|\[::ffff:127\.)/);
});

/** A process and all that it has started, and they have: on this machine others may browse too. */
function processesUnder(pid: number): ReadonlySet<number> {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' });
  const pairs = table.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const own = new Set([pid]);
  // A set that grows while it is walked is walked to its new end.
  for (const parent of own) for (const [child = 0, its] of pairs) if (its === parent) own.add(child);
  return own;
}

test('reset gives it a fresh profile: nobody is logged in any more', async () => {
  await victim.close();
  const { status } = await lab.call('POST', '/api/reset', {});
  expect(status).toBe(200);
  victim = await driveDemoBrowser(lab);
  const page = await victim.contexts()[0]?.newPage();
  await page?.goto('http://piggypay.test/account');
  await page?.getByRole('textbox', { name: 'Password' }).waitFor();
});

test('closing it removes its profile', async () => {
  await victim.close();
  const { body } = await lab.call('POST', '/api/browser/close');
  expect((body as BrowserStatus).running).toBe(false);
  const folder = dirname(lab.lab.ca);
  expect(existsSync(folder)).toBe(true);
  expect(readdirSync(folder).filter((name) => name.startsWith('browser-'))).toEqual([]);
});
