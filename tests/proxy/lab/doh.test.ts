import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Findings, LogEvent, LoginAnswer } from '#contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { capturedBytes, startLabProcess, type LabProcess } from '../../support/lab-process.ts';
import { hasTool } from '../../support/tools.ts';

let lab: LabProcess;
beforeAll(async () => (lab = await startLabProcess()));
afterAll(() => lab.stop());
beforeEach(() => lab.call('POST', '/api/reset', {}));

const LOGIN = { mobile: '9800000012', password: 'monsoon-42', site: 'both' };

function opened(events: readonly LogEvent[]) {
  return events.filter((event) => event.type === 'connection-opened');
}

test('with DoH the victim asks over HTTPS first, and no name crosses in a DNS packet', async () => {
  const { body } = await lab.call('POST', '/api/victim/login', { ...LOGIN, resolve: 'doh' });
  expect(body).toMatchObject({ http: { ok: true, status: 200 }, https: { ok: true, status: 200 } });
  const events = await lab.events();
  const servers = opened(events).map(({ transport, server }) => `${transport} ${server.name}:${server.port}`);
  expect(servers[0]).toBe('tcp resolver.test:443');
  expect(servers.slice(1).toSorted()).toEqual(['tcp piggypay.test:443', 'tcp piggypay.test:80']);

  const [lookup] = opened(events);
  const asked = capturedBytes(events, lookup?.connection ?? 0, 'client-to-server');
  expect(asked.includes('resolver.test')).toBe(true);
  // As text, and as DNS writes it.
  for (const name of ['piggypay', '\x08piggypay\x04test', '/dns-query'])
    expect(asked.includes(name)).toBe(false);
  // What the lookup hid, the next hello says.
  const { https } = body as Required<LoginAnswer>;
  expect(capturedBytes(events, https.connection ?? 0, 'client-to-server').includes('piggypay.test')).toBe(
    true,
  );
});

test('in clear the name crosses in a DNS packet, as without a choice', async () => {
  for (const resolve of [{}, { resolve: 'dns' }]) {
    await lab.call('POST', '/api/reset', {});
    await lab.call('POST', '/api/victim/login', { ...LOGIN, ...resolve });
    const events = await lab.events();
    expect(opened(events).map(({ transport }) => transport)).toEqual(['udp', 'tcp', 'tcp']);
    expect(capturedBytes(events, 1, 'client-to-server').includes('\x08piggypay\x04test')).toBe(true);
  }
});

test('the lookup is no part of the HTTPS lane: not of its notebook, and not of what is searched', async () => {
  const { body } = await lab.call('POST', '/api/victim/login', { ...LOGIN, resolve: 'doh' });
  const { https } = body as Required<LoginAnswer>;
  const events = await lab.events();
  const { lanes } = (await lab.call('GET', '/api/findings')).body as Findings;
  expect(new Set(lanes.https.findings.map(({ connection }) => connection))).toEqual(
    new Set([https.connection]),
  );
  const bytes = ['client-to-server', 'server-to-client'].reduce(
    (sum, direction) => sum + capturedBytes(events, https.connection ?? 0, direction).length,
    0,
  );
  expect(lanes.https.verdict).toMatchObject({ found: 0, searchedBytes: bytes });
  expect(events.filter((event) => event.type === 'request-handled')).toHaveLength(6);
});

test.skipIf(!hasTool('curl'))(
  'curl resolves through the relay, and shows up like any other client',
  async () => {
    const listen = lab.lab.routes.find(({ name }) => name === 'resolver.test')?.listen ?? 0;
    const site =
      lab.lab.routes.find(({ name, port }) => name === 'piggypay.test' && port === 80)?.listen ?? 0;
    const { stdout } = await promisify(execFile)('curl', [
      ...['--silent', '--fail', '--ipv4', '--cacert', lab.lab.ca],
      ...['--resolve', `resolver.test:${listen}:127.0.0.1`],
      ...['--doh-url', `https://resolver.test:${listen}/dns-query`],
      `http://piggypay.test:${site}/`,
    ]);
    expect(stdout).toContain('PiggyPay');
    const [first] = opened(await lab.events());
    expect(first).toMatchObject({ opener: 'other', server: { name: 'resolver.test', port: 443 } });
  },
);
