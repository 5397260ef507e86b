import { AxeBuilder } from '@axe-core/playwright';
import { spawnSync } from 'node:child_process';
import type { ConnectionId, LogEvent, LoginAnswer } from '#contract';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PERSONA } from '../../demo-sites/piggypay/persona.ts';
import { launchChromium, openDashboard } from '../support/browser.ts';
import { driveDemoBrowser, startLabWithHeadlessBrowser } from '../support/demo-browser.ts';
import type { LabProcess } from '../support/lab-process.ts';
import { hasTool } from '../support/tools.ts';

/** What each client says of each host; the same certificate, four programs that share no line with one another. */
const TABLE = [
  {
    host: 'expired.test',
    node: 'CERT_HAS_EXPIRED',
    openssl: 'num=10:certificate has expired',
    curl: '(60) SSL certificate problem: certificate has expired',
    chromium: 'ERR_CERT_DATE_INVALID',
  },
  {
    host: 'not-yet.test',
    node: 'CERT_NOT_YET_VALID',
    openssl: 'num=9:certificate is not yet valid',
    curl: '(60) SSL certificate problem: certificate is not yet valid',
    chromium: 'ERR_CERT_DATE_INVALID',
  },
  {
    host: 'wrong-host.test',
    node: 'ERR_TLS_CERT_ALTNAME_INVALID',
    openssl: 'num=62:hostname mismatch',
    curl: '(60) SSL: no alternative certificate subject name matches',
    chromium: 'ERR_CERT_COMMON_NAME_INVALID',
  },
  {
    host: 'self-signed.test',
    node: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    openssl: 'num=18:self-signed certificate',
    curl: '(60) SSL certificate problem: self-signed certificate',
    chromium: 'ERR_CERT_AUTHORITY_INVALID',
  },
  {
    host: 'unknown-ca.test',
    node: 'SELF_SIGNED_CERT_IN_CHAIN',
    openssl: 'num=19:self-signed certificate in certificate chain',
    curl: '(60) SSL certificate problem: self-signed certificate in certificate chain',
    chromium: 'ERR_CERT_AUTHORITY_INVALID',
  },
  {
    host: 'weak-key.test',
    // Node has no name for this one of OpenSSL's reasons.
    node: 'UNSPECIFIED',
    openssl: 'num=66:EE certificate key too weak',
    curl: '(60) SSL certificate problem: EE certificate key too weak',
    chromium: 'ERR_CERT_WEAK_KEY',
  },
  {
    host: 'old-tls.test',
    node: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    // Debian's takes part in TLS 1.0 until the server signs with SHA-1; others do not begin.
    openssl: /legacy sigalg|unsupported protocol|protocol version/,
    curl: /^curl: \(35\) .*(legacy sigalg|unsupported protocol|protocol version)/,
    chromium: 'ERR_SSL_VERSION_OR_CIPHER_MISMATCH',
  },
  { host: 'tls12.test', node: 'in', openssl: 'Protocol version: TLSv1.2', curl: 'in', chromium: 'in' },
  {
    host: 'static-rsa.test',
    node: 'in',
    openssl: 'Ciphersuite: AES128-GCM-SHA256',
    curl: 'in',
    chromium: 'in',
  },
] as const;
const FAILING = TABLE.filter(({ node }) => node !== 'in');

let lab: LabProcess;
beforeAll(async () => (lab = await startLabWithHeadlessBrowser()));
afterAll(() => lab.stop());

async function nodeSays(host: string): Promise<string> {
  const login = { mobile: PERSONA.mobile, password: PERSONA.password, site: 'https', host };
  const { https } = (await lab.call('POST', '/api/victim/login', login)).body as LoginAnswer;
  return https?.error?.code ?? (https?.ok ? 'in' : 'refused');
}

function opensslSays(host: string): string {
  const trust = ['-CAfile', lab.lab.ca, '-no-CApath', '-no-CAstore', '-verify_hostname', host];
  const to = ['-connect', `127.0.0.1:${listenOf(host)}`, '-servername', host];
  return spawnSync('openssl', ['s_client', ...to, ...trust, '-verify_return_error', '-brief'], {
    input: '',
    encoding: 'utf8',
  }).stderr;
}

function curlSays(host: string): string {
  const to = ['--noproxy', '*', '--connect-to', `${host}:443:127.0.0.1:${listenOf(host)}`];
  const { status, stderr } = spawnSync('curl', ['-sS', '--cacert', lab.lab.ca, ...to, `https://${host}/`], {
    encoding: 'utf8',
  });
  return status === 0 ? 'in' : stderr;
}

async function chromiumSays(victim: Browser, host: string): Promise<string> {
  const page = await victim.contexts()[0]?.newPage();
  const said = await page?.goto(`https://${host}/`).then(
    (answer) => (answer?.ok() ? 'in' : 'refused'),
    (error: unknown) => String(error),
  );
  await page?.close();
  return said ?? 'no page';
}

function listenOf(host: string): number {
  return lab.lab.routes.find(({ name }) => name === host)?.listen ?? 0;
}

function connectionsTo(events: readonly LogEvent[], host: string): ReadonlySet<ConnectionId> {
  return new Set(
    events.flatMap((event) =>
      event.type === 'connection-opened' && event.transport === 'tcp' && event.server.name === host
        ? [event.connection]
        : [],
    ),
  );
}

describe('every certificate host', () => {
  test.skipIf(!hasTool('openssl') || !hasTool('curl'))(
    'is refused by Node, openssl, curl and Chromium for its one reason, or by none; and no request got through',
    async () => {
      await lab.call('POST', '/api/browser/open');
      const victim = await driveDemoBrowser(lab);
      try {
        for (const { host, node, openssl, curl, chromium } of TABLE) {
          expect(await nodeSays(host), `Node at ${host}`).toBe(node);
          expect(opensslSays(host), `openssl at ${host}`).toMatch(openssl);
          expect(curlSays(host), `curl at ${host}`).toMatch(curl);
          expect(await chromiumSays(victim, host), `Chromium at ${host}`).toMatch(chromium);
        }
      } finally {
        await victim.close();
        await lab.call('POST', '/api/browser/close');
      }
      const events = await lab.events();
      const handled = events.filter((event) => event.type === 'request-handled');
      for (const { host, node } of TABLE) {
        const connections = connectionsTo(events, host);
        expect(connections.size, host).toBeGreaterThanOrEqual(4);
        const requests = handled.filter(({ connection = 0 }) => connections.has(connection));
        if (node === 'in') expect(requests.length, host).toBeGreaterThanOrEqual(4);
        else expect(requests, host).toEqual([]);
      }
      const opener = (openedBy: string) =>
        new Set(
          events.flatMap((event) =>
            event.type === 'connection-opened' && event.opener === openedBy ? [event.connection] : [],
          ),
        );
      const alerts = events.flatMap((event) =>
        event.type === 'handshake-failed' && event.vantage === 'site' ? [event] : [],
      );
      // openssl, curl and Chromium say why in an alert; Node leaves without a word.
      const fromChromium = opener('demo-browser');
      expect(
        alerts.filter(({ connection = 0 }) => fromChromium.has(connection)).map(({ code }) => code),
      ).toContain('ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN');
      expect(alerts.map(({ code }) => code)).toContain('ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED');
      expect(alerts.map(({ code }) => code)).toContain('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA');
      const fromNode = opener('scripted-victim');
      expect(
        new Set(alerts.filter(({ connection = 0 }) => fromNode.has(connection)).map(({ code }) => code)),
      ).toEqual(new Set(['ECONNRESET', 'ERR_SSL_UNSUPPORTED_PROTOCOL']));
    },
  );
});

describe('the certificate check on the screen', () => {
  let audience: Browser;
  beforeAll(async () => {
    await lab.call('POST', '/api/reset', {});
    audience = await launchChromium();
  });
  afterAll(() => audience.close());

  async function checkOf(page: Page, host: string): Promise<void> {
    await page.getByRole('combobox', { name: 'Site' }).selectOption(host);
    await page.getByRole('button', { name: /^Log in over HTTPS/ }).click();
    // What was told of the last one stands there until the next is told.
    await page.getByRole('button', { name: /^Log in over HTTPS/, disabled: false }).waitFor();
    await page.getByRole('button', { name: 'Certificate check' }).click();
  }

  test.each([
    { width: 1280, height: 720, colorScheme: 'light' as const },
    { width: 1024, height: 768, colorScheme: 'dark' as const },
  ])('opens from the victim’s result, agrees with it for every host, $width × $height', async (size) => {
    const { page, complaints } = await openDashboard(audience, lab.lab, size);
    const panel = page.getByRole('dialog', { name: 'The certificate check' });
    for (const { host, node } of TABLE) {
      await checkOf(page, host);
      await panel.getByRole('option', { name: `${host} ·`, selected: true }).waitFor({ state: 'attached' });
      await panel.getByText('Both came to the same.').waitFor();
      const failing = panel.getByRole('listitem').filter({ hasText: 'Fails' });
      expect(await failing.count(), host).toBe(node === 'in' ? 0 : 1);
      if (node === 'in') await panel.getByText('3 requests, 1 login among them').waitFor();
      else {
        await panel.getByText(node).waitFor();
        await panel.getByText('0 requests: 0 bytes of the login were sent').waitFor();
      }
      if (host === 'expired.test') {
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
      }
      await page.keyboard.press('Escape');
      await panel.waitFor({ state: 'detached' });
    }
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('opens from the HTTPS lane, with the newest connection, and goes to older ones', async () => {
    await lab.call('POST', '/api/reset', {});
    for (const { host } of FAILING.slice(0, 1)) await nodeSays(host);
    await nodeSays('piggypay.test');
    const { page } = await openDashboard(audience, lab.lab);
    await page
      .getByRole('region', { name: 'HTTPS', exact: true })
      .getByRole('button', { name: 'Certificate' })
      .click();
    const panel = page.getByRole('dialog', { name: 'The certificate check' });
    await panel.getByText('Satisfied: it went on.').waitFor();
    await panel.getByRole('combobox').selectOption({ index: 1 });
    await panel.getByText('CERT_HAS_EXPIRED').waitFor();
    await page.context().close();
  });
});
