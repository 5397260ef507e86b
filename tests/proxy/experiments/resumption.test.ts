import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { resumption12, resumption13 } from '../../../proxy/experiments/resumption.ts';
import { type OwnLab, openOwnLab, type SiteOfATest } from './own-lab.ts';

let own: OwnLab | undefined;
afterEach(() => own?.close());

async function open(site: SiteOfATest = {}, signal?: AbortSignal): Promise<OwnLab> {
  own = await openOwnLab(site, signal);
  return own;
}

/** Forgets the keys that its tickets are under, as a site does that was started again. */
const forgetful: SiteOfATest = { ended: (site) => site.setTicketKeys(randomBytes(48)) };

const labels13 = [
  'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
  'CLIENT_TRAFFIC_SECRET_0',
  'EXPORTER_SECRET',
  'SERVER_HANDSHAKE_TRAFFIC_SECRET',
  'SERVER_TRAFFIC_SECRET_0',
];

test('in TLS 1.3 a resumed session has no certificate on the wire and not one secret of before', async () => {
  const { context, told } = await open();
  const { measures, outcome, events } = await resumption13.run(context);
  expect(measures).toMatchObject({
    resumed: true,
    certificateSent: [true, false],
    clientRandomsDiffer: true,
    first: { version: 'TLS 1.3', certificate: { crossed: 'encrypted' }, bothEndsToldTheSameSecrets: true },
    second: {
      certificate: null,
      bothEndsToldTheSameSecrets: true,
      messages: {
        client: ['ClientHello', 'Finished'],
        server: ['ServerHello', 'EncryptedExtensions', 'Finished'],
      },
    },
    secrets: { same: [] },
  });
  const { secrets, serverBytesSaved, keyBlock } = measures;
  expect((secrets as unknown as { new: string[] }).new.toSorted()).toEqual(labels13);
  expect(serverBytesSaved).toBeGreaterThan(400);
  expect(keyBlock).toBeUndefined();
  expect(outcome).toContain('All 5 secrets');
  expect(events).toEqual(events.toSorted((a, b) => a - b));
  expect(told.map(({ done }) => done)).toEqual([0.1, 0.5, 0.9]);
});

test('in TLS 1.2 a resumed session has the same master secret, and with new randoms other keys', async () => {
  const { context } = await open({ maxVersion: 'TLSv1.2' });
  const { measures, outcome } = await resumption12.run(context);
  expect(measures).toMatchObject({
    resumed: true,
    certificateSent: [true, false],
    clientRandomsDiffer: true,
    first: { version: 'TLS 1.2', certificate: { crossed: 'in clear' } },
    second: { messages: { server: ['ServerHello', 'Finished'] } },
    secrets: { same: ['CLIENT_RANDOM'], new: [] },
    keyBlock: 'new',
  });
  expect(outcome).toContain('The master secret is the same');
});

test.each([
  ['TLS 1.3', resumption13, 'TLSv1.3', 5],
  ['TLS 1.2', resumption12, 'TLSv1.2', 1],
] as const)(
  'of a ticket that the site does not take, %s says so',
  async (_, experiment, maxVersion, secrets) => {
    const { context } = await open({ ...forgetful, maxVersion });
    const { measures, outcome } = await experiment.run(context);
    expect(outcome).toContain('did not take the ticket');
    expect(measures).toMatchObject({ resumed: false, certificateSent: [true, true], secrets: { same: [] } });
    expect((measures['secrets'] as unknown as { new: string[] }).new).toHaveLength(secrets);
  },
);

test('what only one end tells is not said to be what both told', async () => {
  const { context } = await open({ tellsKeys: false });
  const { measures } = await resumption13.run(context);
  expect(measures).toMatchObject({
    first: { bothEndsToldTheSameSecrets: false },
    second: { bothEndsToldTheSameSecrets: false },
  });
});

test('when it is broken off it rejects, and leaves no connection open', async () => {
  const abort = new AbortController();
  const { context } = await open({ ended: () => abort.abort(new Error('enough')) }, abort.signal);
  await expect(resumption13.run(context)).rejects.toThrow();
  await expect.poll(() => context.lab.openAt('piggypay.test')).toEqual([]);
  expect(context.lab.log.after(0).filter(({ type }) => type === 'connection-opened')).toHaveLength(1);
});
