import { AxeBuilder } from '@axe-core/playwright';
import type { AttackRun, Findings } from '#contract';
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

/** Until the page has taken in all that the lab has over HTTPS: until then another login may become the newest. */
async function captured(page: Page): Promise<void> {
  const findings = (await lab.call('GET', '/api/findings')).body as Findings;
  const { searchedBytes } = findings.lanes.https.verdict;
  await page
    .getByRole('region', { name: 'HTTPS', exact: true })
    .getByRole('status')
    .filter({ hasText: searchedBytes.toLocaleString('en') })
    .waitFor();
}

function step(page: Page, name: RegExp) {
  return page.getByRole('dialog', { name: 'Ladder' }).getByRole('button', { name });
}

describe.each([
  { colorScheme: 'light', width: 1280, height: 720 },
  { colorScheme: 'dark', width: 1024, height: 768 },
] as const)('the ladders in $colorScheme at $width×$height', (options) => {
  test('are whole and accessible', async () => {
    const { page, complaints } = await openDashboard(browser, lab.lab, options);
    await page.getByText(/found the password/i).waitFor();
    await page.keyboard.press('h');
    await step(page, /POST \/api\/v1\/login/).waitFor();
    await step(page, /The rest of the handshake, .*sealed/).waitFor();
    expect(await faults(page)).toEqual([]);
    const overflow = await page.evaluate(
      '({ x: document.documentElement.scrollWidth - innerWidth, y: document.documentElement.scrollHeight - innerHeight })',
    );
    expect(overflow).toEqual({ x: 0, y: 0 });
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

test('compares TLS 1.2 with TLS 1.3, and says which of them shows the certificate', async () => {
  const { persona } = (await lab.call('GET', '/api/victim')).body as {
    persona: { mobile: string; password: string };
  };
  const { mobile, password } = persona;
  await lab.call('POST', '/api/victim/login', { mobile, password, site: 'https', host: 'tls12.test' });
  const { page } = await openDashboard(browser, lab.lab);
  await captured(page);
  await page.keyboard.press('h');
  await page.getByRole('button', { name: 'TLS 1.2 beside TLS 1.3', disabled: false }).click();
  await step(page, /Site to Victim: Certificate,/)
    .getByText('sealed in TLS 1.3')
    .waitFor();
  await step(page, /The rest of the handshake/)
    .getByText('in clear in TLS 1.2')
    .waitFor();
  const left = page.getByRole('region', { name: 'Left ladder' });
  await left.getByText('4 round trips').waitFor();
  await page.getByRole('region', { name: 'Right ladder' }).getByText('3 round trips').waitFor();
  expect(await faults(page)).toEqual([]);
  await page.context().close();
});

test('leads from an arrow to its bytes in the inspector, and back with Escape', async () => {
  const { page } = await openDashboard(browser, lab.lab);
  await captured(page);
  await page.getByRole('button', { name: /Ladder/ }).click();
  const hello = step(page, /, Victim to Site: ClientHello/);
  await hello.focus();
  await page.keyboard.press('Enter');
  const field = page.getByRole('treeitem', { selected: true });
  await field.getByText('ClientHello').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: 'Inspector' }).waitFor({ state: 'detached' });
  const focused = () => page.evaluate('document.activeElement?.getAttribute("aria-label")');
  await expect.poll(focused).toMatch(/ClientHello/);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.context().close();
});

test('shows while stepping what is held, over the ladder too, and N lets one unit through there', async () => {
  const { page, complaints } = await openDashboard(browser, lab.lab);
  await captured(page);
  await page.keyboard.press('h');
  const ladder = page.getByRole('dialog', { name: 'Ladder' });
  const bar = ladder.getByRole('region', { name: 'Stepping' });
  await step(page, /Victim to Site: ClientHello/)
    .first()
    .waitFor();
  expect(await bar.count()).toBe(0);
  await page.keyboard.press('s');
  await bar.waitFor();

  const { persona } = (await lab.call('GET', '/api/victim')).body as {
    persona: { mobile: string; password: string };
  };
  const { mobile, password } = persona;
  const login = lab.call('POST', '/api/victim/login', { mobile, password, site: 'https' });
  await bar.getByText(/ClientHello/).waitFor();
  expect(await faults(page)).toEqual([]);
  await page.keyboard.press('n');
  await bar.getByText(/ServerHello/).waitFor();
  expect(await bar.getByText(/ClientHello/).count()).toBe(0);
  const { held } = (await lab.call('GET', '/api/stepping')).body as {
    held: { direction: string; unit: string }[];
  };
  expect(held[0]?.unit).toMatch(/^ServerHello/);
  expect([...new Set(held.map(({ direction }) => direction))]).toEqual(['server-to-client']);

  await page.keyboard.press('s');
  await bar.waitFor({ state: 'detached' });
  expect((await login).body).toMatchObject({ https: { ok: true } });
  expect(complaints).toEqual([]);
  await page.context().close();
});

/** Runs an attack: the victim’s connection of its verdict on this lane, and the one that the stranger opened behind it. */
async function legsOf(attack: string, lane: 'http' | 'https', under: object = {}) {
  const run = (await lab.call('POST', `/api/attacks/${attack}/run`, under)).body as AttackRun;
  const opened = (await lab.events()).flatMap((event) =>
    event.type === 'connection-opened' && event.transport === 'tcp' ? [event] : [],
  );
  const own = opened.filter(({ connection }) => run[lane]?.connections.includes(connection));
  const of = (hop: 'cafe' | 'onward') => own.find((event) => event.hop === hop);
  return { cafe: of('cafe')?.connection, onward: of('onward')?.connection };
}

async function choose(page: Page, side: 'left' | 'right', connection: number | undefined): Promise<void> {
  await page.getByLabel(`Connection of the ${side} ladder`).selectOption(String(connection));
}

test('has a forged answer come from the stranger, to whose copy it led, and the genuine one unchanged', async () => {
  const { cafe } = await legsOf('forge-name', 'http');
  const { page } = await openDashboard(browser, lab.lab);
  await page.getByRole('button', { name: /Ladder/ }).click();
  await choose(page, 'left', cafe);
  await step(page, /Stranger to Victim: Response A .* the stranger’s answer, 127\.0\.0\.66/).waitFor();
  await step(page, /Resolver to Victim: Response A .* came too late, 127\.0\.0\.1,/).waitFor();
  await step(page, /Victim to Stranger: POST \/api\/v1\/login/).waitFor();
  expect(await step(page, /Changed on the way/).count()).toBe(0);
  expect(await faults(page)).toEqual([]);
  await page.context().close();
});

test('ends at the stranger what it answers itself, and begins there what it asks the site', async () => {
  const { cafe, onward } = await legsOf('impersonate', 'https', { trust: true });
  const { page } = await openDashboard(browser, lab.lab);
  await page.getByRole('button', { name: /Ladder/ }).click();
  await choose(page, 'left', cafe);
  await choose(page, 'right', onward);
  await step(page, /Victim to Stranger: ClientHello/).waitFor();
  await step(page, /Stranger to Site: ClientHello/).waitFor();
  expect(await step(page, /Victim to Site/).count()).toBe(0);
  await page.context().close();
});
