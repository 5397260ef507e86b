import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import type { ExperimentRun, LogEvent, PrivateKeyLeaked } from '#contract';
import { readCapture } from '#recording/read-capture.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startLabProcess, type LabProcess } from '../../support/lab-process.ts';
import { hasTool } from '../../support/tools.ts';
import { foldOf, stepOf } from '../folds/leaked-key/leaking.ts';

const PERSONA = { mobile: '9800000012', password: 'monsoon-42' };
const HOSTS = ['static-rsa.test', 'piggypay.test'] as const;
const BODY = JSON.stringify(PERSONA);

const run = promisify(execFile);
let lab: LabProcess;
beforeAll(async () => (lab = await startLabProcess()));
afterAll(() => lab.stop());
beforeEach(() => lab.call('POST', '/api/reset', {}));

const listen = (name: string) =>
  lab.lab.routes.find((route) => route.name === name && route.port === 443)?.listen ?? 0;

/** Logs in at a host over HTTPS; answers when the host has. */
const CLIENTS: Readonly<Record<string, (host: string) => Promise<unknown>>> = {
  'the scripted victim (Node)': (host) =>
    lab.call('POST', '/api/victim/login', { ...PERSONA, site: 'https', host }),
  curl: async (host) => {
    const to = ['--connect-to', `${host}:443:127.0.0.1:${listen(host)}`, '--cacert', lab.lab.ca];
    const json = ['-H', 'Content-Type: application/json', '-d', BODY];
    await run('curl', ['-sS', '--fail', ...to, ...json, `https://${host}/api/v1/login`]);
  },
  'openssl s_client': async (host) => {
    const to = ['-connect', `127.0.0.1:${listen(host)}`, '-servername', host, '-CAfile', lab.lab.ca];
    const child = spawn('openssl', ['s_client', '-quiet', '-verify_return_error', ...to], { stdio: 'pipe' });
    child.stdout.resume();
    child.stderr.resume();
    child.stdin.write(
      `POST /api/v1/login HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
    );
    await once(child, 'close');
  },
};

async function leak(): Promise<ExperimentRun> {
  const { status, body } = await lab.call('POST', '/api/experiments/stolen-key/run', {});
  expect(status, JSON.stringify(body)).toBe(200);
  return body as ExperimentRun;
}

async function exported(query = ''): Promise<Buffer> {
  const headers = { Authorization: `Bearer ${lab.lab.token}` };
  const response = await fetch(`${lab.lab.dashboard}/api/capture.pcapng${query}`, { headers });
  return Buffer.from(await response.arrayBuffer());
}

/** What a thief has: the recorded bytes and the private keys; no line of any key log, no word of the victim's. */
async function thiefsEvents(): Promise<readonly LogEvent[]> {
  const { events } = readCapture(await exported('?keys=1'));
  return events.filter(({ vantage, type }) => vantage === 'wire' || type === 'private-key-leaked');
}

describe.skipIf(!hasTool('curl') || !hasTool('openssl'))(
  'with the stolen private keys and no key log at all',
  () => {
    test.each(Object.keys(CLIENTS))(
      'the password of a login by %s is read at static-rsa.test, and nothing at piggypay.test',
      async (name) => {
        for (const host of HOSTS) await CLIENTS[name]?.(host);
        const { measures, outcome } = await leak();
        expect(measures['piggypay.test']).toMatchObject({ sessions: 1, recordsOpened: 0, loginsRead: 0 });
        expect(measures['static-rsa.test']).toMatchObject({
          recordsSealed: 0,
          loginsRead: 1,
          agreesWithKeyLog: true,
        });
        expect(outcome).toMatch(
          /static-rsa\.test: (\d+) of \1 encrypted records opened, the password among them\./,
        );

        const events = await thiefsEvents();
        expect(events.map(({ type }) => type)).not.toContain('secrets-logged');
        const [opened, sealed, ...more] = foldOf(events).cases();
        expect(more).toEqual([]);
        expect(opened).toMatchObject({ host: 'static-rsa.test', sealed: 0 });
        expect(Buffer.from(opened?.login?.bytes ?? []).toString()).toContain(PERSONA.password);
        expect(stepOf(opened, 'key')).toMatchObject({
          ...{ state: 'done', source: 'leaked by the site' },
          comparedWith: { source: 'captured' },
        });
        expect(sealed).toMatchObject({ host: 'piggypay.test', version: 'TLS 1.3', opened: 0 });
        expect(stepOf(sealed, 'pre-master')).toMatchObject({ title: 'Shared secret', state: 'stops' });
      },
    );
  },
);

test('the experiment records a session with each itself where there is none yet', async () => {
  const { measures, events } = await leak();
  for (const host of HOSTS) expect(measures[host]).toMatchObject({ sessions: 1 });
  const log = await lab.events();
  expect(events.map((seq) => log.find((event) => event.seq === seq)?.type)).toEqual([
    'private-key-leaked',
    'private-key-leaked',
  ]);
});

test('a leaked key is in an export with keys, and nowhere in one without, nor in the terminal', async () => {
  await leak();
  const { events } = readCapture(await exported('?keys=1'));
  const leaks = events.filter((event): event is PrivateKeyLeaked => event.type === 'private-key-leaked');
  expect(leaks.map(({ host }) => host)).toEqual(HOSTS);
  const without = await exported();
  expect(readCapture(without).events.map(({ type }) => type)).not.toContain('private-key-leaked');
  for (const { key } of leaks) {
    // The scalar of an EC key, and of an RSA key a stretch of its primes: nothing that is in a certificate too.
    const [start, end] = key.length < 200 ? [36, 66] : [900, 930];
    const secret = Buffer.from(key).subarray(start, end);
    // Both are multiples of three, so that this is how they stand within the whole.
    for (const encoding of ['hex', 'base64'] as const) {
      const text = secret.toString(encoding);
      expect(Buffer.from(key).toString(encoding)).toContain(text);
      expect(without.includes(text)).toBe(false);
      expect(lab.printed()).not.toContain(text);
    }
    expect(without.includes(secret)).toBe(false);
  }
});
