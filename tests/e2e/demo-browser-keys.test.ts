import type { Findings, LogEvent } from '#contract';
import { isWireEvent } from '#contract';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PERSONA } from '../../demo-sites/piggypay/persona.ts';
import { launchChromium, openDashboard } from '../support/browser.ts';
import { driveDemoBrowser, startLabWithHeadlessBrowser } from '../support/demo-browser.ts';
import type { LabProcess } from '../support/lab-process.ts';
import { openedConnections } from '../support/opened-connections.ts';
import { TestViewer } from '../support/viewer.ts';

let lab: LabProcess;
let audience: Browser;
let victim: Browser;
let viewer: TestViewer;

beforeAll(async () => {
  lab = await startLabWithHeadlessBrowser();
  audience = await launchChromium();
  viewer = new TestViewer(lab.lab);
  await lab.call('POST', '/api/browser/open');
  victim = await driveDemoBrowser(lab);
});
afterAll(async () => {
  viewer.close();
  await victim.close();
  await audience.close();
  await lab.stop();
});

async function logIn(): Promise<void> {
  const page = await victim.contexts()[0]?.newPage();
  if (!page) throw new Error('the demo browser has no window');
  await page.goto('https://piggypay.test');
  await page.getByLabel(/mobile/i).fill(PERSONA.mobile);
  await page.getByRole('textbox', { name: 'Password' }).fill(PERSONA.password);
  await page.getByRole('button', { name: /log in/i }).click();
  await page.waitForURL(/account/);
}

function told(events: readonly LogEvent[]) {
  return events.flatMap((event) =>
    event.type === 'secrets-logged' && event.vantage === 'victim' ? [event] : [],
  );
}

/** The connections over which something was asked, opened with the keys of the victim alone. */
function opened(events: readonly LogEvent[]) {
  return openedConnections(events, 'victim').filter(({ data }) => data['client-to-server'].length > 0);
}

function keyLogFiles(): readonly string[] {
  const folder = dirname(lab.lab.ca);
  return readdirSync(folder)
    .filter((name) => name.startsWith('browser-'))
    .map((name) => join(folder, name, 'key-log.txt'));
}

test('its own keys open all that it said, and both Finished verify', async () => {
  await logIn();
  // The browser writes its keys one after the other, and the site's answer comes behind the question.
  await expect
    .poll(() => opened(viewer.events).find(asksForLogin), { interval: 200 })
    .toMatchObject({ sealed: [], finished: ['verified', 'verified'] });
  const login = opened(viewer.events).find(asksForLogin);
  expect(login?.data['client-to-server'].toString()).toContain(`"password":"${PERSONA.password}"`);
  expect(login?.data['server-to-client'].toString()).toMatch(/^HTTP\/1\.1 200 OK/);
});

function asksForLogin({ data }: ReturnType<typeof opened>[number]): boolean {
  return data['client-to-server'].includes('POST /api/v1/login');
}

test('every line is joined to the connection that it is of, and none is told twice', () => {
  const lines = told(viewer.events);
  const ours = new Set(
    viewer.events.flatMap((event) =>
      event.type === 'connection-opened' && event.opener === 'demo-browser' ? [event.connection] : [],
    ),
  );
  expect(lines.length).toBeGreaterThanOrEqual(4);
  expect(lines.map(({ connection }) => ours.has(connection ?? 0))).not.toContain(false);
  expect(new Set(lines.map(({ line }) => line)).size).toBe(lines.length);
  for (const { connection, name } of openedConnections(viewer.events, 'victim').map(
    ({ connection, records }) => ({ connection, name: randomOf(records[0]?.reading) }),
  )) {
    for (const { line } of lines.filter((told) => told.connection === connection))
      expect(line.split(' ')[1]).toBe(name);
  }
});

function randomOf(reading: ReturnType<typeof opened>[number]['records'][number]['reading'] | undefined) {
  const hello = reading?.state === 'clear' ? reading.handshake[0]?.bytes : undefined;
  return Buffer.from(hello?.subarray(6, 38) ?? []).toString('hex');
}

test('what both ends told of a connection is the same, word for word', async () => {
  const secrets = (vantage: 'victim' | 'site') => {
    const lines = viewer.events.flatMap((event) =>
      event.type === 'secrets-logged' && event.vantage === vantage ? [event.line] : [],
    );
    return lines.filter((line) => /^(CLIENT|SERVER)_(HANDSHAKE_)?TRAFFIC_SECRET/.test(line));
  };
  await viewer.until(() => secrets('victim').length >= 4);
  const site = new Set(secrets('site'));
  for (const line of secrets('victim')) expect(site.has(line)).toBe(true);
});

test('the dashboard opens its records with them, and the stranger’s notebook stays as it was', async () => {
  const { page, complaints } = await openDashboard(audience, lab.lab);
  const https = page.getByRole('region', { name: 'HTTPS', exact: true });
  await https.getByText(/searched [\d,]+ bytes .* 0 found/i).waitFor();
  const before = await strangers(page);
  await page.getByRole('button', { name: 'Browser', exact: true }).first().click();
  await page.getByText('The browser has lent its keys.').waitFor();
  await page.getByText(/^\s*\d+ records opened on this page, every tag verified\s*$/).waitFor();
  await https.getByText('POST /api/v1/login').first().waitFor();
  await https.locator('mark.password', { hasText: PERSONA.password }).first().waitFor();
  expect(await strangers(page)).toEqual(before);
  expect(complaints).toEqual([]);
  await page.context().close();
});

/** What the stranger is shown, once the page has taken in all that the lab has. */
async function strangers(page: Page): Promise<unknown> {
  const findings = (await lab.call('GET', '/api/findings')).body as Findings;
  const { searchedBytes } = findings.lanes.https.verdict;
  const https = page.getByRole('region', { name: 'HTTPS', exact: true });
  const status = https.getByRole('status').filter({ hasText: searchedBytes.toLocaleString('en') });
  return {
    verdict: await status.textContent(),
    notebook: await page.getByRole('region', { name: /notebook/i }).textContent(),
    findings,
  };
}

test('no key is among what was seen on the wire, nor is any printed', () => {
  const secrets = told(viewer.events).map(({ line }) => line.split(' ')[2] ?? line);
  const wire = JSON.stringify(
    viewer.events
      .filter(isWireEvent)
      .map((event) =>
        event.type === 'bytes-captured' ? Buffer.from(event.bytes).toString('hex') : { ...event },
      ),
  );
  for (const secret of secrets) {
    expect(wire.includes(secret)).toBe(false);
    expect(lab.printed()).not.toContain(secret);
  }
});

test('the file it writes them to is for this user alone, and a reset begins another one', async () => {
  const [before] = keyLogFiles();
  if (before === undefined) throw new Error('there is no key log');
  expect(statSync(before).mode & 0o777).toBe(0o600);
  const earlier = told(viewer.events).map(({ line }) => line);
  const { epoch } = viewer;
  await victim.close();
  await lab.call('POST', '/api/reset', {});
  expect(existsSync(before)).toBe(false);
  victim = await driveDemoBrowser(lab);
  await logIn();
  await viewer.until((now) => now.epoch !== epoch && opened(now.events).some(asksForLogin));
  const [after] = keyLogFiles();
  expect(after).not.toBe(before);
  const written = readFileSync(after ?? '', 'latin1');
  for (const { line } of told(viewer.events)) {
    expect(earlier).not.toContain(line);
    expect(written).toContain(line);
  }
});

test('closing the browser removes the file', async () => {
  const [file = ''] = keyLogFiles();
  await victim.close();
  await lab.call('POST', '/api/browser/close');
  expect(existsSync(file)).toBe(false);
  expect(keyLogFiles()).toEqual([]);
});
