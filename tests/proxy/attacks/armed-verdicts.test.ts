import { once } from 'node:events';
import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as askPlain } from 'node:http';
import { Agent as HttpsAgent, request as askSealed } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import type { AttackId, AttackInfo } from '#contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import { type AttackedLab, openAttackedLab } from './attacked-lab.ts';

let lab: AttackedLab;
let agents: (HttpAgent | HttpsAgent)[];
beforeEach(async () => {
  agents = [];
  lab = await openAttackedLab();
});
afterEach(async () => {
  for (const agent of agents) agent.destroy();
  await lab.close();
});

function info(id: AttackId): AttackInfo {
  const found = lab.attacks.list().find((attack) => attack.id === id);
  if (!found) throw new Error(`there is no ${id}`);
  return found;
}

/** Whoever comes through the demo browser's door, on a connection of its own. */
function client(lane: 'http' | 'https') {
  const keep = { keepAlive: true, maxSockets: 1 };
  const agent =
    lane === 'http'
      ? new HttpAgent(keep)
      : new HttpsAgent({ ...keep, ca: lab.authorityPem, servername: 'piggypay.test' });
  agents.push(agent);
  let cookie = '';
  return async (method: 'GET' | 'POST', path: string, body?: object): Promise<IncomingMessage> => {
    const headers = {
      Host: 'piggypay.test',
      Cookie: cookie,
      ...(body && { 'Content-Type': 'application/json' }),
    };
    const to = { host: '127.0.0.1', port: lab.door(lane), agent, method, path, headers };
    const sent: ClientRequest = lane === 'http' ? askPlain(to) : askSealed(to);
    sent.end(body && JSON.stringify(body));
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    await once(response.resume(), 'end');
    cookie = response.headers['set-cookie']?.[0]?.split(';', 1)[0] ?? cookie;
    return response;
  };
}

const typesOf = (evidence: readonly number[]) =>
  new Set(evidence.map((seq) => lab.log.after(seq - 1, 1)[0]?.type));
test('an armed change is judged by what the site has booked', async () => {
  const ask = client('http');
  const { mobile, password } = PERSONA;
  await ask('POST', '/api/v1/login', { mobile, password });
  await ask('POST', '/api/v1/transfer', { payee: 'Ravi', amount: 5 });
  await lab.attacks.arm('change');
  await ask('GET', '/account');
  await expect.poll(() => info('change').whileArmed.http?.happened).toContain('in 1 page');
  expect(info('change').whileArmed.http).toMatchObject({
    ...{ outcome: 'succeeded', siteHandled: 0, siteCounted: { transfersBooked: 0 } },
    happened: expect.stringContaining('No transfer has come by yet.') as string,
  });
  await ask('POST', '/api/v1/transfer', { payee: 'Meera', amount: 100 });
  await expect.poll(() => info('change').whileArmed.http?.siteHandled).toBe(1);
  const { http } = info('change').whileArmed;
  expect(http).toMatchObject({
    outcome: 'succeeded',
    siteCounted: { transfersBooked: 1, changedTransfersBooked: 1 },
    happened: expect.stringContaining('₹900 to “The stranger” 1 time: ') as string,
  });
  expect(http?.happened).toContain('the demo browser');
  expect(typesOf(http?.evidence ?? [])).toEqual(new Set(['attack-acted', 'request-handled']));
  expect(http?.connections).toHaveLength(1);
  expect(lab.site.counters.transfers().map(({ payee }) => payee)).toEqual(['Ravi', 'The stranger']);
});

test('what an armed change cannot change has no effect, and is said to have none', async () => {
  const ask = client('http');
  const { mobile, password } = PERSONA;
  await lab.attacks.arm('change');
  await ask('POST', '/api/v1/login', { mobile, password });
  // No order that it could read.
  expect((await ask('POST', '/api/v1/transfer', ['Meera'])).statusCode).toBe(400);
  await expect.poll(() => info('change').whileArmed.http?.outcome).toBe('no effect');
  expect(info('change').whileArmed.http).toMatchObject({
    siteHandled: 1,
    siteCounted: { transfersBooked: 0, changedTransfersBooked: 0 },
  });
});

test('over HTTPS an armed change is refused, by the site’s own word', async () => {
  await lab.attacks.arm('change');
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    await expect(client('https')('GET', '/login')).rejects.toMatchObject({
      code: expect.stringMatching(/BAD_RECORD_MAC/) as string,
    });
    await expect.poll(() => info('change').whileArmed.https?.connections.length).toBe(attempt);
  }
  const { https } = info('change').whileArmed;
  expect(https).toMatchObject({ outcome: 'refused', siteHandled: 0 });
  expect(https?.happened).toMatch(
    /^One bit was flipped on 2 connections of the demo browser\. On 2 of them the site’s last word was a sealed record of the size of an alert; it handled 0 requests/,
  );
  expect(https?.defence).toContain('bad_record_mac');
  expect(typesOf(https?.evidence ?? [])).toEqual(
    new Set(['connection-opened', 'attack-acted', 'connection-closed']),
  );
});

test('an armed downgrade is counted attempt by attempt, with the alert as it stood on the wire', async () => {
  await lab.attacks.arm('downgrade');
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    // One that has nothing to say yet: with a request under way Node leaves without its alert.
    const hello = connect({
      ...{ host: '127.0.0.1', port: lab.door('https'), servername: 'piggypay.test', ca: lab.authorityPem },
    });
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => hello.once('error', resolve));
    expect(error.code).toBe('ERR_SSL_INAPPROPRIATE_FALLBACK');
    await expect.poll(() => info('downgrade').whileArmed.https?.connections.length).toBe(attempt);
  }
  await expect.poll(() => info('downgrade').whileArmed.https?.siteCounted?.['handshakesFailed']).toBe(3);
  const { https, http } = info('downgrade').whileArmed;
  expect(http).toBeUndefined();
  expect(https).toMatchObject({ outcome: 'refused', siteHandled: 0 });
  expect(https?.happened).toMatch(/^3 ClientHellos of the demo browser went on without TLS 1\.3/);
  expect(https?.happened).toMatch(
    /piggypay\.test: 3 attempts, the alert illegal_parameter of the client on the wire, the site said ERR_SSL_\w*ILLEGAL_PARAMETER\. The site handled 0 requests/,
  );
  // An attempt is a connection, not an edit.
  const edits = lab.log.after(0).filter(({ type }) => type === 'attack-acted').length;
  expect(edits).toBeGreaterThan(3);
});

test('an armed downgrade breaks off what is open over TLS: only a new connection has a hello', async () => {
  const [plain, sealed] = (['http', 'https'] as const).map((lane) => lab.door(lane));
  const kept = connect({
    host: '127.0.0.1',
    port: sealed ?? 0,
    servername: 'piggypay.test',
    ca: lab.authorityPem,
  });
  const inClear = connectPlain({ host: '127.0.0.1', port: plain ?? 0 });
  await Promise.all([once(kept, 'secureConnect'), once(inClear, 'connect')]);
  kept.on('error', () => undefined);
  const broken = new Promise<void>((resolve) => kept.once('close', () => resolve()));
  await lab.attacks.arm('downgrade');
  await broken;
  inClear.end('GET /login HTTP/1.1\r\nHost: piggypay.test\r\nConnection: close\r\n\r\n');
  expect(await text(inClear)).toMatch(/^HTTP\/1\.1 200 OK/);
});

test('the stranger’s own requests, and whoever came before, are nobody’s verdict', async () => {
  const before = client('http');
  await before('GET', '/login');
  await lab.attacks.arm('change');
  await lab.victim.login({ ...PERSONA, site: 'https' });
  await expect.poll(() => info('change').whileArmed.https?.outcome).toBe('refused');
  expect(info('change').whileArmed.http).toBeUndefined();
  expect(info('change').whileArmed.https?.happened).toContain('of the scripted victim');
});
