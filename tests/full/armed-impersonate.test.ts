import type { AttackInfo, BrowserStatus, ConnectionId, LogEvent } from '#contract';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { PERSONA } from '../../demo-sites/piggypay/persona.ts';
import { driveDemoBrowser, startLabWithHeadlessBrowser } from '../support/demo-browser.ts';
import { capturedBytes, type LabProcess } from '../support/lab-process.ts';

let lab: LabProcess;

beforeAll(async () => {
  lab = await startLabWithHeadlessBrowser(['--proxy-port', '0']);
  const { body } = await lab.call('POST', '/api/browser/open');
  expect((body as BrowserStatus).running).toBe(true);
});
afterAll(() => lab.stop());
beforeEach(() => lab.call('POST', '/api/reset', {}));

const post = (path: string, body: object = {}) => lab.call('POST', `/api/attacks/impersonate/${path}`, body);

async function info(): Promise<AttackInfo> {
  const { attacks } = (await lab.call('GET', '/api/attacks')).body as { attacks: readonly AttackInfo[] };
  const found = attacks.find(({ id }) => id === 'impersonate');
  if (!found) throw new Error('there is no such attack');
  return found;
}

/** A page of the demo browser, for as long as `use` takes. */
async function inBrowser(use: (page: Page, browser: Browser) => Promise<void>): Promise<void> {
  const browser = await driveDemoBrowser(lab);
  try {
    const page = await browser.contexts()[0]?.newPage();
    if (!page) throw new Error('the demo browser has no window');
    await use(page, browser);
  } finally {
    await browser.close();
  }
}

async function logIn(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.getByLabel(/mobile/i).fill(PERSONA.mobile);
  await page.getByRole('textbox', { name: 'Password' }).fill(PERSONA.password);
  await page.getByRole('button', { name: /log in/i }).click();
}

function opened(events: readonly LogEvent[], port: number, hop: string): readonly ConnectionId[] {
  return events.flatMap((event) =>
    event.type === 'connection-opened' && event.hop === hop && event.server.port === port
      ? [event.connection]
      : [],
  );
}

/** On connections from behind the first arming, if there was one: the browser, fresh after the reset, may be at the site before it. */
function handled(events: readonly LogEvent[]) {
  const armed = events.findIndex(({ type }) => type === 'attack-armed');
  const since = new Set(
    events
      .slice(Math.max(0, armed))
      .flatMap((event) => (event.type === 'connection-opened' ? [event.connection] : [])),
  );
  return events.flatMap((event) =>
    event.type === 'request-handled' && since.has(event.connection ?? 0) ? [event] : [],
  );
}

/** What the issuer of the certificate is called that the page came with, as the browser says it. */
async function issuerAt(page: Page, browser: Browser): Promise<string> {
  const devtools = await browser.contexts()[0]?.newCDPSession(page);
  if (!devtools) throw new Error('the demo browser has no window');
  await devtools.send('Network.enable');
  const security = new Promise<string>((resolve) => {
    devtools.on('Network.responseReceived', ({ response }) => {
      const issuer = response.securityDetails?.issuer;
      if (issuer !== undefined) resolve(issuer);
    });
  });
  await page.goto('https://piggypay.test/login');
  return security;
}

test('who does not trust the stranger’s CA is shown an error, sends no request, and the site hears nothing', async () => {
  await inBrowser(async (page) => {
    await page.goto('https://piggypay.test/login');
    expect(handled(await lab.events()).length).toBeGreaterThan(0);
    expect(await post('arm')).toMatchObject({ status: 200, body: { isArmed: true } });
    await expect(page.reload()).rejects.toThrow('ERR_CERT_AUTHORITY_INVALID');
    await expect.poll(async () => (await info()).whileArmed.https?.outcome).toBe('refused');
    const { https } = (await info()).whileArmed;
    expect(https).toMatchObject({ siteHandled: 0, siteCounted: { transfersBooked: 0 } });
    expect(https?.happened).toMatch(/with the alert \w+\. 0 bytes of its requests reached the stranger/);
    expect(https?.happened).toContain('stranger CA');
    expect(handled(await lab.events())).toEqual([]);
    expect(opened(await lab.events(), 443, 'onward')).toEqual([]);
    expect(await post('disarm')).toMatchObject({ status: 200, body: { isArmed: false } });
    // In a tab of its own: the one with the error is still busy showing it.
    const again = await page.context().newPage();
    await again.goto('https://piggypay.test/login');
    await again.getByRole('button', { name: /log in/i }).waitFor();
  });
});

test('over HTTP it takes the stranger’s page for the site’s, password and all', async () => {
  expect(await post('arm')).toMatchObject({ status: 200 });
  await inBrowser(async (page) => {
    await logIn(page, 'http://piggypay.test/');
    await page.getByText('with the stranger now').waitFor();
  });
  await expect.poll(async () => (await info()).whileArmed.http?.happened).toContain('the password');
  const events = await lab.events();
  expect(handled(events)).toEqual([]);
  const said = opened(events, 80, 'cafe').map((each) => capturedBytes(events, each, 'client-to-server'));
  expect(Buffer.concat(said).toString()).toContain(encodeURIComponent(PERSONA.password));
  expect((await info()).whileArmed.http).toMatchObject({ outcome: 'succeeded', siteHandled: 0 });
});

test('who trusts it is read and changed on the way, and only its issuer gives the stranger away', async () => {
  const armed = await post('arm', { trust: true });
  expect(armed).toMatchObject({ status: 200, body: { isArmed: true, armedUnder: 'trust' } });
  const { browser: status } = (await lab.call('GET', '/api/victim')).body as { browser: BrowserStatus };
  expect(status).toMatchObject({ running: true, note: expect.stringContaining('stranger’s CA') as string });
  await inBrowser(async (page, browser) => {
    expect(await issuerAt(page, browser)).toMatch(/stranger CA/);
    await logIn(page, 'https://piggypay.test/login');
    await page.waitForURL(/account/);
    await page.getByLabel('Payee').fill('Meera');
    await page.getByLabel('Amount in ₹').fill('100');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Latest payments' }).getByText('900').first().waitFor();
  });
  await expect
    .poll(async () => (await info()).whileArmed.https?.siteCounted?.['changedTransfersBooked'])
    .toBe(1);
  const { https } = (await info()).whileArmed;
  expect(https).toMatchObject({ outcome: 'succeeded', siteCounted: { transfersBooked: 1 } });
  // In the order of the connections on which they were read, of which a browser may use several.
  for (const secret of ['the mobile number', 'the password', 'the session’s cookie'])
    expect(https?.happened).toContain(secret);
  const events = await lab.events();
  const onward = opened(events, 443, 'onward');
  expect(onward.length).toBeGreaterThan(0);
  // All that the site has handled came from the stranger.
  expect(handled(events).every(({ connection }) => onward.includes(connection ?? 0))).toBe(true);
  for (const leg of [...opened(events, 443, 'cafe'), ...onward])
    expect(capturedBytes(events, leg, 'client-to-server').includes(PERSONA.password)).toBe(false);

  expect(await post('disarm')).toMatchObject({ status: 200, body: { isArmed: false } });
  const after = (await lab.call('GET', '/api/victim')).body as { browser: BrowserStatus };
  expect(after.browser).toMatchObject({
    running: true,
    note: expect.not.stringContaining('stranger') as string,
  });
  await inBrowser(async (page, browser) => {
    expect(await issuerAt(page, browser)).toMatch(/lab CA/);
    // The same browser trusts the stranger no more.
    expect(await post('arm')).toMatchObject({ status: 200 });
    await expect(page.reload()).rejects.toThrow('ERR_CERT_AUTHORITY_INVALID');
  });
});

test('the support chat works through the stranger, who reads it', async () => {
  expect(await post('arm', { trust: true })).toMatchObject({ status: 200 });
  await inBrowser(async (page) => {
    await page.goto('https://piggypay.test/login');
    const reply = await page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          const chat = new WebSocket('wss://piggypay.test/support');
          let greeted = false;
          chat.onmessage = ({ data }) => {
            if (greeted) resolve(String(data));
            else chat.send('Where is my money?');
            greeted = true;
          };
        }),
    );
    expect(reply).not.toBe('');
  });
  // Told by a process of its own, which the answer does not wait for.
  const read = async () => {
    const readings = (await lab.events()).flatMap((event) =>
      event.type === 'attack-acted' && event.before
        ? [Buffer.from(event.before as unknown as string, 'base64')]
        : [],
    );
    return Buffer.concat(readings).toString('latin1');
  };
  await expect.poll(read).toContain('GET /support HTTP/1.1');
});

test('a reset in the middle ends it: the browser is fresh, and trusts the stranger no more', async () => {
  expect(await post('arm', { trust: true })).toMatchObject({ status: 200 });
  await lab.call('POST', '/api/reset', {});
  expect(await info()).toMatchObject({ isArmed: false, whileArmed: {} });
  await inBrowser(async (page, browser) => {
    expect(await issuerAt(page, browser)).toMatch(/lab CA/);
  });
});
