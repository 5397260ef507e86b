import { AxeBuilder } from '@axe-core/playwright';
import type { LogEvent } from '#contract';
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PERSONA } from '../../demo-sites/piggypay/persona.ts';
import { browserPatience, launchChromium, openDashboard } from '../support/browser.ts';
import { capturedBytes, startLabProcess, type LabProcess } from '../support/lab-process.ts';

let lab: LabProcess;
let browser: Browser;
let visitor: BrowserContext;

beforeAll(async () => {
  lab = await startLabProcess();
  const maps = lab.lab.routes.map(({ name, port, listen }) => `MAP ${name}:${port} 127.0.0.1:${listen}`);
  browser = await launchChromium([`--host-resolver-rules=${maps.join(', ')}`]);
  // The certificate is not what this is about; the demo browser's own test trusts the lab's CA.
  visitor = await browser.newContext({ ignoreHTTPSErrors: true });
  visitor.setDefaultTimeout(browserPatience);
});
afterAll(async () => {
  await browser.close();
  await lab.stop();
});
beforeEach(() => lab.call('POST', '/api/reset', {}));

/** A page of the site, and what the browser complains of in it, its policy's violations included. */
async function visit(address: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await visitor.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(address);
  return { page, complaints };
}

/** What each connection to this port carried from the client. */
function sent(events: readonly LogEvent[], port: number): Buffer[] {
  return events.flatMap((event) =>
    event.type === 'connection-opened' && event.server.port === port
      ? [capturedBytes(events, event.connection, 'client-to-server')]
      : [],
  );
}

describe.each([
  { scheme: 'http', port: 80 },
  { scheme: 'https', port: 443 },
])('the support chat on $scheme://piggypay.test', ({ scheme, port }) => {
  test('works in a browser, before and after the login, under the policy of the page', async () => {
    const { page, complaints } = await visit(`${scheme}://piggypay.test/`);
    const chat = page.getByRole('complementary', { name: 'Support chat' });
    await chat.getByText('Support chat').click();
    await chat.getByText('Hello, this is PiggyPay support').waitFor();
    await chat.getByLabel('Your message').fill('When are you open?');
    await page.keyboard.press('Enter');
    await chat.getByText('open day and night').waitFor();
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await chat.getByText('Support chat').click();

    await page.getByLabel(/mobile/i).fill(PERSONA.mobile);
    await page.getByRole('textbox', { name: 'Password' }).fill(PERSONA.password);
    await page.keyboard.press('Enter');
    await page.waitForURL(/account/);
    await chat.getByText('Support chat').click();
    await chat.getByText('Hello Asha').waitFor();
    await chat.getByLabel('Your message').fill('my balance, <b>please</b>');
    await chat.getByRole('button', { name: 'Send' }).click();
    await chat.getByText('Your balance is ₹12,480.50.').waitFor();
    await chat.getByText('my balance, <b>please</b>').waitFor();
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();

    const upgrades = sent(await lab.events(), port).filter((bytes) => bytes.includes('Upgrade: websocket'));
    expect(upgrades).toHaveLength(scheme === 'http' ? 2 : 0);
    for (const bytes of upgrades) expect(bytes.includes('open?')).toBe(false);
  });

  test('opens no connection for who does not open it, and says so when it ends', async () => {
    const { page } = await visit(`${scheme}://piggypay.test/`);
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    const handled = () =>
      lab.events().then((events) => events.filter((event) => event.type === 'request-handled'));
    expect((await handled()).map(({ path }) => path)).not.toContain('/support');
    const chat = page.getByRole('complementary', { name: 'Support chat' });
    await chat.getByText('Support chat').click();
    await chat.getByText('Hello, this').waitFor();
    await lab.call('POST', '/api/reset', {});
    await chat.getByText('The chat has ended').waitFor();
    await chat.getByLabel('Your message').fill('Still there?');
    await page.keyboard.press('Enter');
    await chat.getByText('You wrote “Still there?”').waitFor();
    await page.close();
  });
});

test('the victim chats from the dashboard, and both answers are shown as told by the victim', async () => {
  const { page, complaints } = await openDashboard(browser, lab.lab);
  await page.getByRole('tab', { name: 'Support chat' }).click();
  await page.getByRole('button', { name: 'Say it on both' }).click();
  const victim = page.getByRole('region', { name: 'The victim' });
  await victim.getByText('“The support desk is open day and night.').waitFor();
  expect(await victim.getByText('answered').count()).toBe(2);
  const http = page.getByRole('region', { name: 'HTTP', exact: true });
  // What was said is looked at without another press: readable on one side, sealed on the other.
  await http.getByRole('option', { name: /Text “When are you open\?”/, selected: true }).waitFor();
  await http
    .getByLabel(/as text/)
    .getByText('When are you open?')
    .waitFor();
  const https = page.getByRole('region', { name: 'HTTPS', exact: true });
  const sealed = https.getByRole('option', { name: /Application Data/, selected: true });
  // A frame of 24 bytes and what TLS 1.3 adds to it.
  await sealed.getByText('46 B').waitFor();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('with the name looked up over HTTPS, the lookup is kept apart from the login, with the reason', async () => {
  const { page, complaints } = await openDashboard(browser, lab.lab);
  await page.getByLabel('Name lookup').selectOption('doh');
  await page.getByRole('button', { name: 'Log in on both' }).click();
  await page.getByText(/found the password/i).waitFor();
  await page.getByRole('button', { name: 'Other traffic (1)' }).click();
  const drawer = page.getByRole('dialog');
  await drawer.getByText('resolver.test:443').first().waitFor();
  await drawer.getByText(/the query is sealed; the next ClientHello still names the site/).waitFor();
  await drawer.getByText('asks for resolver.test in clear').first().waitFor();
  expect(complaints).toEqual([]);
  await page.context().close();
});
