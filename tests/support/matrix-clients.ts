import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { launchChromium } from './browser.ts';
import { ciphersOf, type Combination } from './combinations.ts';

const run = promisify(execFile);

/** What the clients that write it themselves say; the others ask for the same in their own words. */
export const SAID = 'GET /account HTTP/1.1\r\nHost: own.test\r\nX-Password: monsoon-42\r\n\r\n';

/**
 * Says it to the server behind this loopback port and hears it out; the keys go into this file. Who fails is missing
 * from the capture, which is how its test knows.
 */
export async function talk(
  combination: Combination,
  host: string,
  port: number,
  keyLog: string,
): Promise<void> {
  if (combination.client === 'node') await askWithNode(combination, host, port, keyLog);
  else if (combination.client === 'curl') await askWithCurl(combination, host, port, keyLog);
  else await askWithOpenssl(combination, host, port, keyLog);
}

async function askWithNode(
  combination: Combination,
  servername: string,
  port: number,
  keyLog: string,
): Promise<void> {
  const ciphers = ciphersOf(combination);
  const { version } = combination;
  const socket = connect({
    ...{ host: '127.0.0.1', port, servername, rejectUnauthorized: false },
    ...{ ciphers, minVersion: version, maxVersion: version },
  });
  socket.on('keylog', (line: Buffer) => appendFileSync(keyLog, line));
  socket.on('secureConnect', () => socket.write(SAID));
  socket.resume();
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('close', resolve));
}

async function askWithCurl(
  combination: Combination,
  host: string,
  port: number,
  keyLog: string,
): Promise<void> {
  const { version, suite } = combination;
  const choice =
    version === 'TLSv1.3'
      ? ['--tlsv1.3', '--tls13-ciphers', suite]
      : ['--tlsv1.2', '--tls-max', '1.2', '--ciphers', ciphersOf(combination)];
  const header = ['--header', 'X-Password: monsoon-42'];
  const to = ['--connect-to', `${host}:443:127.0.0.1:${port}`, `https://${host}/account`];
  await run(
    'curl',
    ['--silent', '--show-error', '--insecure', '--max-time', '20', ...choice, ...header, ...to],
    {
      env: { ...process.env, SSLKEYLOGFILE: keyLog },
    },
  ).catch((error: unknown) => error);
}

async function askWithOpenssl(
  combination: Combination,
  host: string,
  port: number,
  keyLog: string,
): Promise<void> {
  const { version, suite } = combination;
  const choice =
    version === 'TLSv1.3'
      ? ['-tls1_3', '-ciphersuites', suite]
      : ['-tls1_2', '-cipher', ciphersOf(combination)];
  const to = ['-connect', `127.0.0.1:${port}`, '-servername', host];
  const child = spawn('openssl', ['s_client', ...to, '-ign_eof', '-keylogfile', keyLog, ...choice], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = once(child, 'exit');
  child.stdin.on('error', () => undefined);
  child.stdin.end(SAID);
  await ended;
}

/** The same of a Chromium, one host after the other. */
export async function browse(
  hosts: readonly { host: string; door: number }[],
  keyLog: string,
): Promise<void> {
  if (hosts.length === 0) return;
  const map = hosts.map(({ host, door }) => `MAP ${host}:443 127.0.0.1:${door}`);
  const browser = await launchChromium([
    `--ssl-key-log-file=${keyLog}`,
    `--host-resolver-rules=${[...map, 'MAP * ~NOTFOUND'].join(', ')}`,
    '--ignore-certificate-errors',
  ]);
  const page = await browser.newPage();
  await page.setExtraHTTPHeaders({ 'X-Password': 'monsoon-42' });
  for (const { host } of hosts) await page.goto(`https://${host}/account`).catch((error: unknown) => error);
  await browser.close();
}
