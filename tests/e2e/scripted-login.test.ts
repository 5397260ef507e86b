import { once } from 'node:events';
import { connect } from 'node:tls';
import type { Findings, LoginAnswer } from '#contract';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PERSONA } from '../../demo-sites/piggypay/persona.ts';
import { launchChromium, openDashboard } from '../support/browser.ts';
import { capturedBytes, startLabProcess, type LabProcess } from '../support/lab-process.ts';
import { portToTake } from '../support/ports.ts';

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

test('one click: the password is on the screen in the HTTP lane, and nowhere in the HTTPS lane', async () => {
  const { page, complaints } = await openDashboard(browser, lab.lab);
  await page.getByRole('button', { name: 'Log in on both' }).click();
  const http = page.getByRole('region', { name: 'HTTP', exact: true });
  const https = page.getByRole('region', { name: 'HTTPS', exact: true });
  await http.getByText(/found the password 1×/i).waitFor();
  await https.getByText(/searched [\d,]+ bytes .* 0 found/i).waitFor();
  expect(await http.innerText()).toContain('monsoon-42');
  expect(await https.innerText()).not.toContain('monsoon-42');

  const notebook = page.getByRole('table');
  await notebook.getByText('monsoon-42').first().waitFor();
  await notebook.getByText('sealed').nth(5).waitFor();
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a cell of the notebook leads to its bytes', async () => {
  const { page } = await openDashboard(browser, lab.lab);
  const http = page.getByRole('region', { name: 'HTTP', exact: true });
  await page
    .getByRole('table')
    .getByRole('button', { name: /welcome|200/i })
    .first()
    .click();
  await http.getByText('HTTP/1.1 200 OK').first().waitFor();
  await page
    .getByRole('table')
    .getByRole('button', { name: /monsoon-42/ })
    .first()
    .click();
  await http.locator('mark', { hasText: 'monsoon-42' }).first().waitFor();
  await page.context().close();
});

test('the raw events say the same: the password is in the HTTP bytes and not in the HTTPS bytes', async () => {
  await lab.call('POST', '/api/reset', {});
  const credentials = { mobile: PERSONA.mobile, password: PERSONA.password };
  const { body } = await lab.call('POST', '/api/victim/login', { ...credentials, site: 'both' });
  const { http, https } = body as Required<LoginAnswer>;
  expect(http).toMatchObject({ ok: true, status: 200, requests: 3 });
  expect(https).toMatchObject({ ok: true, status: 200, requests: 3 });
  const events = await lab.events();
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));

  const both = (connection: number | undefined) =>
    ['client-to-server', 'server-to-client'].map((direction) =>
      capturedBytes(events, connection ?? 0, direction),
    );
  const inHttp = Buffer.concat(both(http.connection));
  const inHttps = Buffer.concat(both(https.connection));
  expect(inHttp.includes(credentials.password)).toBe(true);
  expect(inHttps.length).toBeGreaterThan(1000);
  for (const form of [
    credentials.password,
    Buffer.from(credentials.password).toString('hex'),
    'bW9uc29vbi00M',
  ]) {
    expect(inHttps.includes(form)).toBe(false);
  }

  const findings = (await lab.call('GET', '/api/findings')).body as Findings;
  expect(findings.lanes.http.verdict).toMatchObject({ needle: credentials.password, found: 1 });
  expect(findings.lanes.https.verdict).toMatchObject({ needle: credentials.password, found: 0 });
  expect(findings.lanes.https.verdict.searchedBytes).toBe(inHttps.length);
  const read = findings.lanes.http.findings.find(({ kind }) => kind === 'password');
  expect(read).toMatchObject({ status: 'read', value: credentials.password, connection: http.connection });
  const stream = capturedBytes(events, read?.connection ?? 0, read?.direction ?? '');
  expect(stream.subarray(read?.start, read?.end).toString()).toBe(credentials.password);
  const name = findings.lanes.https.findings.find(({ kind }) => kind === 'site');
  expect(name).toMatchObject({ status: 'leaks', connection: https.connection });
  expect(
    capturedBytes(events, name?.connection ?? 0, name?.direction ?? '')
      .subarray(name?.start, name?.end)
      .toString(),
  ).toBe('piggypay.test');
  for (const kind of ['page', 'mobile', 'password', 'cookie', 'token', 'reply']) {
    expect(findings.lanes.https.findings.find((finding) => finding.kind === kind)).toMatchObject({
      status: 'sealed',
    });
  }
});

test('the site counted the requests, and each belongs to a connection of the log', async () => {
  const handled = (await lab.events()).filter((event) => event.type === 'request-handled');
  expect(handled.map(({ count }) => count)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(new Set(handled.map(({ connection }) => connection)).size).toBe(2);
});

test('wrong credentials are really refused, and are still read on the wire', async () => {
  await lab.call('POST', '/api/reset', {});
  const { status, body } = await lab.call('POST', '/api/victim/login', {
    mobile: '5550001111',
    password: 'not-the-one',
    site: 'both',
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({ http: { ok: false, status: 401 }, https: { ok: false, status: 401 } });
  const findings = (await lab.call('GET', '/api/findings')).body as Findings;
  expect(findings.lanes.http.verdict.found).toBe(1);
  expect(findings.lanes.https.verdict.found).toBe(0);
});

test('what a person typed is half-masked until it is revealed, and no secret reaches a log line', async () => {
  const canary = 'canary-7f3a91-secret';
  const { page } = await openDashboard(browser, lab.lab);
  await page.getByRole('textbox', { name: /password/i }).fill(canary);
  await page.getByRole('button', { name: 'Log in on both' }).click();
  await page.getByRole('region', { name: 'The victim' }).getByText(/401/).first().waitFor();
  const http = page.getByRole('region', { name: 'HTTP', exact: true });
  await http.getByText(/found the password 1×/i).waitFor();
  expect(await page.locator('body').innerText()).not.toContain(canary);
  await page
    .getByRole('button', { name: /reveal/i })
    .first()
    .click();
  await http.getByText(canary).first().waitFor();
  const keys = (await lab.events()).flatMap((event) =>
    event.type === 'secrets-logged' ? [event.line.split(' ')[2] ?? ''] : [],
  );
  expect(keys.length).toBeGreaterThanOrEqual(5);
  for (const secret of [canary, PERSONA.password, ...keys]) expect(lab.printed()).not.toContain(secret);
  await page.context().close();
});

test('reset: one key, pressed twice, and everything is gone', async () => {
  const { page } = await openDashboard(browser, lab.lab);
  await page.getByText(/found the password/i).waitFor();
  const before = (await lab.call('GET', '/api/lab')).body as { epoch: number };
  await page.keyboard.press('r');
  await page.getByText(/Press R again within 3 seconds to forget \d+ messages/).waitFor();
  expect((await lab.call('GET', '/api/lab')).body).toMatchObject({ epoch: before.epoch });
  // The three seconds may be over already: then the first press asks again, and the second answers.
  const found = page.getByText(/found the password/i);
  const pressTwice = async () => {
    for (const key of ['r', 'r']) await page.keyboard.press(key);
    // One reset is enough: another one on its way would break into what comes next.
    await found.waitFor({ state: 'detached', timeout: 10_000 }).catch(() => undefined);
    return found.count();
  };
  await expect.poll(pressTwice).toBe(0);
  const after = (await lab.call('GET', '/api/lab')).body as { epoch: number };
  expect(after.epoch).toBeGreaterThan(before.epoch);
  expect((await lab.events()).map(({ type }) => type)).toEqual(['epoch-started']);
  await page.context().close();
});

test('payloads in an address, a header, a body and a server name stay text', async () => {
  const payload = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
  const listen = lab.lab.routes.find(({ port }) => port === 80)?.listen ?? 0;
  await fetch(`http://127.0.0.1:${listen}/${encodeURIComponent(payload)}?q=${payload}`, {
    method: 'POST',
    headers: { 'X-Payload': payload, 'Content-Type': 'application/json' },
    body: JSON.stringify({ mobile: payload, password: `${payload}\u202e\u0007` }),
  });
  // A name no browser would ask for: the ClientHello carries whatever its sender writes there.
  const name = `<img src=x onerror=alert(1)>\u202e.test`;
  const tls = lab.lab.routes.find(({ port }) => port === 443)?.listen ?? 0;
  const client = connect({ host: '127.0.0.1', port: tls, servername: name, rejectUnauthorized: false });
  await once(client, 'secureConnect');
  client.end('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n').resume();
  await once(client, 'close');

  const { page, complaints } = await openDashboard(browser, lab.lab);
  const http = page.getByRole('region', { name: 'HTTP', exact: true });
  await http.getByText('onerror').first().waitFor();
  const https = page.getByRole('region', { name: 'HTTPS', exact: true });
  await https.getByRole('listbox').press('Home');
  await https.getByText('<img src=x onerror=alert(1)>').first().waitFor();
  expect(await page.locator('body').innerText()).not.toContain('\u202e');
  expect(await page.title()).not.toBe('owned');
  expect(await page.locator('img[src="x"]').count()).toBe(0);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a page whose lab was started again says that it needs the new address', async () => {
  const atItsPort = ['--port', String(await portToTake()), '--strictPort'];
  const first = await startLabProcess(atItsPort);
  const { page } = await openDashboard(browser, first.lab);
  await page.getByText('Live').waitFor();
  await first.stop();
  await page.getByText(/connection lost/i).waitFor();
  const again = await startLabProcess(atItsPort);
  await page.getByText(/open the address/i).waitFor();
  await again.stop();
  await page.context().close();
});
