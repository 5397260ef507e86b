import { createECDH, createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';
import type { ExperimentRun, LogEvent } from '#contract';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../../../certs/authority.ts';
import { untilClosed } from '../../../proxy/capture/closing.ts';
import { openCards } from '../../../proxy/experiments/open-cards.ts';
import { type LabProcess, startLabProcess } from '../../support/lab-process.ts';
import { type OwnLab, openOwnLab, type SiteOfATest } from './own-lab.ts';

let own: OwnLab | undefined;
afterEach(() => own?.close());

/** Which site there is, since one of them speaks one version only. */
async function play(site: SiteOfATest, host: string): Promise<OwnLab> {
  const lab = await openOwnLab(site);
  own = lab;
  const { door } = lab.context.lab;
  const only = {
    ...lab.context.lab,
    door: (name: string, port: number) => (name === host ? door(name, port) : undefined),
  };
  return { ...lab, context: { ...lab.context, lab: only } };
}

const of = (events: readonly LogEvent[], type: LogEvent['type']) =>
  events.filter((event) => event.type === type);

/** With OpenSSL's own words: a raw private half and a raw public one. */
function exchanged(group: number, privateKey: Uint8Array, publicKey: Uint8Array): string {
  if (group === 23) {
    const curve = createECDH('prime256v1');
    curve.setPrivateKey(privateKey);
    return curve.computeSecret(publicKey).toString('hex');
  }
  const der = (prefix: string, key: Uint8Array) => Buffer.concat([Buffer.from(prefix, 'hex'), key]);
  return diffieHellman({
    privateKey: createPrivateKey({
      ...{ key: der('302e020100300506032b656e04220420', privateKey), format: 'der', type: 'pkcs8' },
    }),
    publicKey: createPublicKey({
      ...{ key: der('302a300506032b656e032100', publicKey), format: 'der', type: 'spki' },
    }),
  }).toString('hex');
}

test.each([
  ['TLS 1.3', 'piggypay.test', 'TLSv1.3', 5],
  ['TLS 1.2', 'tls12.test', 'TLSv1.2', 1],
] as const)(
  '%s: every number is told, and the site’s key log has the same',
  async (version, host, maxVersion, lines) => {
    const lab = await play({ maxVersion }, host);
    const { log } = lab.context.lab;
    const { measures, outcome, events } = await openCards.run(lab.context);
    expect(measures).toMatchObject({
      connection: 1,
      version,
      group: 'x25519',
      timesFoundOnWire: { victimsPublicKey: 1, sitesPublicKey: 1, victimsPrivateKey: 0, sharedSecret: 0 },
      status: 200,
    });
    const equal = measures['secretsEqualToSitesKeyLog'] as Record<string, boolean>;
    expect(Object.values(equal)).toEqual(Array.from({ length: lines }, () => true));
    expect(outcome).toContain(lines === 1 ? 'the one secret' : 'all 5 secrets');
    expect(outcome).toContain('neither a private half nor a shared secret');

    const all = log.after(0);
    const [told, ...more] = of(all, 'key-share-told');
    expect(more).toEqual([]);
    if (told?.type !== 'key-share-told') throw new Error('no key share was told');
    const keys = measures['publicKeysOnWire'] as { site: string };
    expect(exchanged(told.group, told.privateKey, Buffer.from(keys.site, 'hex'))).toBe(
      measures['sharedSecret'],
    );
    expect(told).toMatchObject({ vantage: 'victim', group: 29, connection: 1 });

    const certificate = of(all, 'certificate-received');
    expect(certificate).toMatchObject([{ vantage: 'victim', connection: 1, host }]);
    expect(certificate[0]).not.toHaveProperty('error');
    const about = all.filter((event) => 'connection' in event && event.connection === 1);
    expect(events).toEqual(about.map(({ seq }) => seq));
  },
);

test('a site that keeps its keys to itself is no witness, and that is said', async () => {
  const lab = await play({ tellsKeys: false }, 'piggypay.test');
  const { outcome, measures } = await openCards.run(lab.context);
  expect(outcome).toContain('only 0 of the 5 secrets');
  expect(measures['secretsEqualToSitesKeyLog']).toMatchObject({ CLIENT_TRAFFIC_SECRET_0: false });
});

test('a reset breaks it off, and nothing more is told', async () => {
  const controller = new AbortController();
  own = await openOwnLab({}, controller.signal);
  const { log } = own.context.lab;
  const unsubscribe = log.subscribe(() => {
    if (log.after(0).some(({ type }) => type === 'bytes-captured')) controller.abort(new Error('reset'));
  });
  await expect(openCards.run(own.context)).rejects.toThrow('reset');
  unsubscribe();
  expect(of(log.after(0), 'key-share-told')).toEqual([]);
});

test('what the relay knows nothing of is given up, and nothing is left open', async () => {
  own = await openOwnLab();
  const { log } = own.context.lab;
  const lab = { ...own.context.lab, connectionOf: () => undefined };
  await expect(openCards.run({ ...own.context, lab })).rejects.toThrow('knows nothing');
  await untilClosed(log, [1]);
  expect(of(log.after(0), 'connection-closed')).toMatchObject([{ connection: 1, by: 'client', how: 'end' }]);
});

test('a site that somebody else vouches for is left, with its certificate told and the reason', async () => {
  own = await openOwnLab();
  const { log } = own.context.lab;
  const lab = { ...own.context.lab, authorityPem: (await createAuthority()).certificatePem };
  const error = {
    code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    message: 'unable to verify the first certificate',
  };
  await expect(openCards.run({ ...own.context, lab })).rejects.toMatchObject(error);
  expect(of(log.after(0), 'certificate-received')).toMatchObject([{ error, host: 'piggypay.test' }]);
  expect(of(log.after(0), 'handshake-failed')).toMatchObject([{ vantage: 'victim', ...error }]);
});

describe('in the lab', () => {
  let running: LabProcess;
  beforeAll(async () => (running = await startLabProcess()));
  afterAll(() => running.stop());

  test('TLS 1.3 with piggypay.test, then TLS 1.2 with tls12.test, each with all the site’s secrets', async () => {
    const { status, body } = await running.call('POST', '/api/experiments/open-cards/run', {});
    expect(status).toBe(200);
    const { outcome, measures, events } = body as ExperimentRun;
    expect(outcome).toContain('all 6 secrets that follow from them are in the site’s own key log too');
    expect(measures).toMatchObject({
      version: 'TLS 1.3',
      requestsHandled: 1,
      status: 200,
      tls12: { version: 'TLS 1.2', requestsHandled: 1, status: 200 },
    });
    expect(events).toEqual(events.toSorted((a, b) => a - b));
    const told = of(await running.events(), 'key-share-told');
    expect(told.map((event) => 'connection' in event && event.connection)).toEqual([1, 2]);
    for (const secret of [measures['sharedSecret'], measures['privateKey']])
      expect(running.printed()).not.toContain(secret);
  });
});
