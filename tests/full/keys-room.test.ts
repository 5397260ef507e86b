import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Locator, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium, openDashboard } from '../support/browser.ts';
import { startLabProcess, type LabProcess } from '../support/lab-process.ts';

let lab: LabProcess;
let browser: Browser;

async function logIn(host: string): Promise<void> {
  const { persona } = (await lab.call('GET', '/api/victim')).body as {
    persona: { mobile: string; password: string };
  };
  const { mobile, password } = persona;
  await lab.call('POST', '/api/victim/login', { mobile, password, site: 'https', host });
}

beforeAll(async () => {
  lab = await startLabProcess();
  browser = await launchChromium();
  for (const host of ['static-rsa.test', 'tls12.test', 'piggypay.test']) await logIn(host);
});
afterAll(async () => {
  await browser.close();
  await lab.stop();
});

async function faults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

function room(page: Page): Locator {
  return page.getByRole('dialog', { name: 'Keys' });
}

/** Of one step, by its name in the RFC. */
function step(page: Page, name: string): Locator {
  return room(page)
    .locator('li.step')
    .filter({ has: page.getByRole('heading', { name, exact: true }) });
}

async function openRoom(page: Page): Promise<void> {
  await page.getByText('Live', { exact: true }).waitFor();
  await page.keyboard.press('y');
  await step(page, 'client_random').getByText('captured').waitFor();
}

/** Has a tab show something of its own, where it takes a button to do so. */
async function fill(page: Page, tab: string): Promise<void> {
  if (tab === 'Ledger') await room(page).getByText('static-rsa.test:443').first().waitFor();
  if (tab === 'Experiments')
    for (const title of ['Two calls on one connection', 'Play with open cards']) {
      const card = room(page)
        .getByRole('listitem')
        .filter({ has: page.getByRole('heading', { name: title }) });
      await card.getByRole('button', { name: 'Run without a prediction' }).click();
      await card.getByText('See its connections in the ledger').waitFor();
    }
  if (tab === 'The stolen private key') {
    await room(page)
      .getByRole('button', { name: /private key leaks/ })
      .click();
    await site(page, 'static-rsa.test')
      .getByText(/password included/)
      .waitFor();
  }
}

/** What the stolen key made of the sessions with one host. */
function site(page: Page, host: string): Locator {
  return room(page).getByRole('region', { name: host });
}

/** Chooses the newest connection like this, once it is there to be chosen. */
async function choose(page: Page, isLike: (option: string) => boolean): Promise<void> {
  const choice = room(page).getByLabel('Connection');
  let label: string | undefined;
  const newest = async () =>
    (label = (await choice.locator('option').allTextContents()).find(isLike)?.trim());
  await expect.poll(newest).toBeDefined();
  await choice.selectOption({ label: label ?? '' });
}

async function show(page: Page, host: string): Promise<void> {
  await choose(page, (option) => option.includes(host) && !option.includes('open cards'));
}

async function valueOf(page: Page, name: string): Promise<string> {
  await room(page)
    .getByRole('button', { name: `All of ${name}`, exact: true })
    .click();
  return (await step(page, name).locator('code').innerText()).replaceAll(' ', '');
}

/** The secrets of this label in the lab's key log, by client random, in hex. */
async function keyLog(label: string): Promise<Map<string, string>> {
  const response = await fetch(`${lab.lab.dashboard}/api/keylog`, {
    headers: { Authorization: `Bearer ${lab.lab.token}` },
  });
  const lines = (await response.text()).split('\n').map((line) => line.split(' '));
  return new Map(
    lines.flatMap(([name, random = '', secret = '']) => (name === label ? [[random, secret] as const] : [])),
  );
}

describe.each([
  { colorScheme: 'light', width: 1280, height: 720 },
  { colorScheme: 'dark', width: 1024, height: 768 },
] as const)('the room of the keys in $colorScheme at $width×$height', (options) => {
  test('is whole and accessible in each tab', async () => {
    const { page, complaints } = await openDashboard(browser, lab.lab, options);
    await openRoom(page);
    expect(await faults(page)).toEqual([]);
    await room(page).getByRole('button', { name: 'Lend the key' }).click();
    await room(page).getByText('✓ Verified on this page').waitFor();
    expect(await faults(page)).toEqual([]);
    for (const tab of (await room(page).getByRole('tab').all()).slice(1)) {
      await tab.click();
      expect(await tab.getAttribute('aria-selected')).toBe('true');
      await fill(page, await tab.innerText());
      expect(await faults(page)).toEqual([]);
      const overflow = await page.evaluate(
        '({ x: document.documentElement.scrollWidth - innerWidth, y: document.documentElement.scrollHeight - innerHeight })',
      );
      expect(overflow).toEqual({ x: 0, y: 0 });
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

test('its head stays where it is, wherever one scrolls to', async () => {
  const { page } = await openDashboard(browser, lab.lab);
  await openRoom(page);
  await room(page)
    .getByRole('heading', { name: 'The certificate’s key only signs' })
    .evaluate((heading: { scrollIntoView(): void }) => {
      heading.scrollIntoView();
    });
  const box = await room(page).getByRole('heading', { name: 'Keys', exact: true }).boundingBox();
  expect(box?.y).toBeGreaterThan(0);
  await page.context().close();
});

test('a lent key shows the values of the key log, and taken back leaves none of them', async () => {
  const { page, complaints } = await openDashboard(browser, lab.lab);
  await openRoom(page);
  await show(page, 'piggypay.test');
  await room(page).getByRole('heading', { name: 'TLS 1.3', exact: true }).waitFor();
  const random = await valueOf(page, 'client_random');
  const secret = (await keyLog('CLIENT_TRAFFIC_SECRET_0')).get(random) ?? '';
  expect(secret).toMatch(/^[0-9a-f]{64,96}$/);
  const traffic = step(page, 'client_application_traffic_secret_0');
  expect(await traffic.locator('code').count()).toBe(0);
  expect(await room(page).innerText()).not.toContain(secret.slice(0, 8));

  await room(page).getByRole('button', { name: 'Lend the key' }).click();
  await traffic.locator('code').waitFor();
  expect(await valueOf(page, 'client_application_traffic_secret_0')).toBe(secret);
  await room(page).getByText('5 lines in the key log of this one connection').waitFor();
  await room(page).getByText('✓ equals the Finished that the site sent').waitFor();
  const signature = room(page).getByRole('region', { name: 'The certificate’s key only signs' });
  await signature.getByText('✓ Verified on this page').waitFor();
  expect(await signature.innerText()).toMatch(/64 spaces\s+(20 ?\s?){64}/);

  await room(page).getByRole('button', { name: 'Stranger', exact: true }).click();
  await traffic.locator('code').waitFor({ state: 'detached' });
  await expect.poll(() => room(page).innerHTML()).not.toContain(secret.slice(0, 8));
  await expect.poll(() => signature.getByText('Verified').count()).toBe(0);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('in TLS 1.2 the signature is there for the stranger too, and with static RSA there is none', async () => {
  const { page, complaints } = await openDashboard(browser, lab.lab);
  await openRoom(page);
  await show(page, 'tls12.test');
  await room(page).getByText('ServerKeyExchange').first().waitFor();
  await room(page).getByText('✓ Verified on this page').waitFor();

  await show(page, 'static-rsa.test');
  await room(page)
    .getByRole('heading', { name: /The certificate’s key decrypts here/ })
    .waitFor();
  await room(page).getByText('48-byte pre-master secret').first().waitFor();
  await room(page).getByRole('button', { name: 'Lend the key' }).click();
  await step(page, 'master_secret').locator('code').waitFor();
  const random = await valueOf(page, 'client_random');
  expect(await valueOf(page, 'master_secret')).toBe((await keyLog('CLIENT_RANDOM')).get(random));
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('the bytes of a value are shown in the inspector, which closes back onto the room', async () => {
  const { page } = await openDashboard(browser, lab.lab);
  await openRoom(page);
  await room(page).getByRole('button', { name: 'Show the bytes of client_random' }).click();
  await page.getByRole('dialog', { name: /inspector/i }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: /inspector/i }).waitFor({ state: 'detached' });
  await room(page).waitFor();
  await page.keyboard.press('Escape');
  await room(page).waitFor({ state: 'detached' });
  await page.context().close();
});

test('makes key pairs and races them on this machine', async () => {
  const { page, complaints } = await openDashboard(browser, lab.lab);
  await openRoom(page);
  await room(page).getByRole('tab', { name: 'Key pairs and the race' }).click();
  await room(page).getByRole('button', { name: 'Make key pairs' }).click();
  const rsa = room(page).getByRole('region', { name: 'RSA-2048' });
  await rsa.getByText('p·q = n').waitFor();
  await expect.poll(() => room(page).getByText('✓ computed: holds').count()).toBe(4);
  await room(page).getByRole('button', { name: 'Race them' }).click();
  await room(page)
    .getByText(/AES-128-GCM sealed about [\d,]+ times as many bytes/)
    .waitFor();
  await expect.poll(() => room(page).getByRole('row').count()).toBe(1 + 11);
  expect(await faults(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('connects with open cards, and every number of the chain is there, as the site’s key log has it', async () => {
  const { page, complaints } = await openDashboard(browser, lab.lab);
  await openRoom(page);
  await show(page, 'static-rsa.test');
  await room(page)
    .getByRole('heading', { name: /The certificate’s key decrypts here/ })
    .waitFor();
  expect(await room(page).getByRole('button', { name: 'Connect with open cards' }).count()).toBe(0);
  await show(page, 'tls12.test');
  await room(page).getByRole('button', { name: 'Connect with open cards' }).click();

  await room(page).getByRole('heading', { name: 'TLS 1.3', exact: true }).waitFor();
  await step(page, '(EC)DHE').getByText('computed').waitFor();
  await step(page, 'client’s ephemeral private key').getByText('told by the victim').waitFor();
  const chosen = await room(page).getByLabel('Connection').locator('option:checked').innerText();
  expect(chosen).toMatch(/piggypay\.test · TLS 1\.3 · .*open cards/);
  const random = await valueOf(page, 'client_random');
  const label = 'client_application_traffic_secret_0';
  expect(await valueOf(page, label)).toBe((await keyLog('CLIENT_TRAFFIC_SECRET_0')).get(random));
  await step(page, label).getByText('✓ equals what was told by the victim').waitFor();

  // Of the two it is told of last.
  await choose(page, (option) => /tls12\.test.*open cards/.test(option));
  await step(page, 'pre_master_secret').getByText('computed').waitFor();

  await room(page).getByRole('button', { name: 'Site', exact: true }).click();
  await step(page, 'pre_master_secret').locator('code').waitFor({ state: 'detached' });
  await step(page, 'master_secret').getByText('told by the site').waitFor();
  await room(page).getByRole('button', { name: 'Lend the victim’s keys' }).click();
  await step(page, 'pre_master_secret').locator('code').waitFor();
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('what open cards lent is taken back with the room, and what somebody lent himself is not', async () => {
  const { page, complaints } = await openDashboard(browser, lab.lab);
  const pressed = page.getByRole('button', { pressed: true });
  const lens = (name: string) => pressed.and(page.getByRole('button', { name, exact: true }));
  await openRoom(page);
  await show(page, 'tls12.test');
  await room(page).getByRole('button', { name: 'Connect with open cards' }).click();
  await step(page, '(EC)DHE').getByText('computed').waitFor();
  await page.keyboard.press('Escape');
  await room(page).waitFor({ state: 'detached' });
  await lens('Stranger').first().waitFor();

  await page.keyboard.press('y');
  await room(page).getByRole('button', { name: 'Browser', exact: true }).click();
  await step(page, '(EC)DHE').getByText('computed').waitFor();
  await page.keyboard.press('Escape');
  await room(page).waitFor({ state: 'detached' });
  await lens('Browser').first().waitFor();
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('the stolen private key opens the session of static RSA, the password with it, and none of (EC)DHE', async () => {
  await lab.call('POST', '/api/reset', {});
  const { page, complaints } = await openDashboard(browser, lab.lab);
  await page.getByText('Live', { exact: true }).waitFor();
  await page.keyboard.press('y');
  await room(page).getByRole('tab', { name: 'The stolen private key' }).click();
  await room(page).getByRole('button', { name: '1. Record a session with each' }).click();
  for (const host of ['static-rsa.test', 'piggypay.test'])
    await site(page, host)
      .getByText(/1 session recorded; the stranger cannot read it/)
      .waitFor();
  const { password } = ((await lab.call('GET', '/api/victim')).body as { persona: { password: string } })
    .persona;
  expect(await room(page).innerText()).not.toContain(password);

  await room(page).getByRole('button', { name: '2. The site’s private key leaks' }).click();
  await site(page, 'static-rsa.test')
    .getByText(/Read, the password included: (\d+) of \1 records opened/)
    .waitFor();
  await site(page, 'piggypay.test')
    .getByText(/Stays sealed: 0 of \d+ records opened/)
    .waitFor();
  await site(page, 'static-rsa.test').getByText('The same master secret, byte for byte.').waitFor();
  expect(await site(page, 'static-rsa.test').innerText()).toContain(password);
  const other = await site(page, 'piggypay.test').innerText();
  expect(other).toMatch(/a signature holds no secret/);
  expect(other).not.toContain(password);
  const { lanes } = (await lab.call('GET', '/api/findings')).body as {
    lanes: { https: { verdict: { found: number; searchedBytes: number } } };
  };
  // The stranger’s own verdict is of the wire, and stays as it was.
  expect(lanes.https.verdict.found).toBe(0);
  expect(lanes.https.verdict.searchedBytes).toBeGreaterThan(1000);
  expect(complaints).toEqual([]);
  await page.context().close();
});
