import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Lender } from '#folds/lent-told.ts';
import { selfSigned } from '../../../support/own-servers.ts';
import { hasTool } from '../../../support/tools.ts';
import { readVector } from '../../../vectors/vector.ts';
import { converse } from '../../keys/tap.ts';
import { faultsOf, foldOf, knownToStranger, originOf, originUnlent, stepOf } from './origins.ts';

const missing = !hasTool('openssl');
const identity = { key: Buffer.alloc(0), cert: Buffer.alloc(0) };

beforeAll(() => {
  if (missing) return;
  const folder = mkdtempSync(join(tmpdir(), 'plainsight-test-'));
  const { key, certificate } = selfSigned(folder, 'rsa:2048');
  Object.assign(identity, { key: readFileSync(key), cert: readFileSync(certificate) });
  rmSync(folder, { recursive: true });
});

async function said(version: 'TLSv1.2' | 'TLSv1.3', ciphers?: string) {
  const limits = { minVersion: version, maxVersion: version, ...(ciphers && { ciphers }) };
  return converse({ ...identity, ...limits }, limits, 'hello', 'good bye');
}

function sourcesOf(steps: ReturnType<typeof originOf>['steps']): readonly string[] {
  return [...new Set(steps.flatMap(({ source }) => source ?? []))].sort();
}

describe.skipIf(missing)('whose keys are lent', () => {
  test.each(['victim', 'site'] as const)('the %s’s are told by it, and by nobody else', async (lender) => {
    const { chunks, keyLog } = await said('TLSv1.3');
    const origin = originOf(foldOf([{ chunks, port: 443, keyLog }]), 1, lender);
    expect(faultsOf(origin)).toEqual([]);
    expect(origin.lent).toEqual({ by: lender, hasTold: true });
    expect(sourcesOf(origin.steps)).toEqual([
      ...['captured', 'computed', 'decrypted with a lent key', 'public constant', `told by the ${lender}`],
    ]);
  });

  test.each([
    ['victim', 'site', 'TLSv1.3', 'client-handshake-traffic-secret'],
    ['site', 'victim', 'TLSv1.3', 'client-handshake-traffic-secret'],
    ['site', 'victim', 'TLSv1.2', 'master-secret'],
  ] as const)(
    'the %s told nothing, though the %s did: no value is shown, and it says so (%s)',
    async (lender, other, version, id) => {
      const { chunks, keyLog } = await said(version);
      const fold = foldOf([{ chunks, port: 443, keyLog }], [], [], [other]);
      const origin = originOf(fold, 1, lender);
      expect(faultsOf(origin)).toEqual([]);
      expect(origin.lent).toEqual({ by: lender, hasTold: false });
      expect(stepOf(origin, id).whyUnknown).toBe(
        `The ${lender}, whose keys are lent, told nothing of this connection.`,
      );
      const withValue = (lent: Lender | undefined) =>
        (lent ? originOf(fold, 1, lent) : originUnlent(fold)).steps.flatMap((step) =>
          step.value ? [step.id] : [],
        );
      expect(withValue(lender)).toEqual(withValue(undefined));
      expect(withValue(other)).toContain(id);
    },
  );

  test('a missing line is that end’s, and said of it', async () => {
    const { chunks, keyLog } = await said('TLSv1.3');
    const lines = keyLog.split('\n').filter((line) => !line.startsWith('EXPORTER'));
    const origin = originOf(foldOf([{ chunks, port: 443, keyLog: lines.join('\n') }]), 1, 'site');
    expect(stepOf(origin, 'exporter-secret').whyUnknown).toBe(
      'The site’s key log has no EXPORTER_SECRET for this connection.',
    );
  });

  test('what was sealed and is opened says so, the signature too; what was in clear was captured', async () => {
    const [sealed, clear] = [await said('TLSv1.3'), await said('TLSv1.2', 'ECDHE-RSA-AES128-GCM-SHA256')];
    const fold = foldOf([sealed, clear].map(({ chunks, keyLog }) => ({ chunks, port: 443, keyLog })));
    const origin = originOf(fold, 1);
    for (const id of ['server-flight', 'certificate-verify'])
      expect(stepOf(origin, id)).toMatchObject({
        source: 'decrypted with a lent key',
        openedWith: ['server-handshake-key', 'server-handshake-iv'],
      });
    expect(stepOf(origin, 'certificate-verify').inputs).toEqual([
      'certificate-private-key',
      'certificate-hash',
    ]);
    expect(stepOf(origin, 'server-flight').inputs).toEqual([]);
    expect(origin.signature?.source).toBe('decrypted with a lent key');
    expect(stepOf(originOf(fold, 2), 'server-key-exchange-signature').source).toBe('captured');
    expect(originOf(fold, 2).signature?.source).toBe('captured');
    expect(sourcesOf(originUnlent(fold).steps)).toEqual(['captured', 'computed', 'public constant']);
  });
});

test('the private half that a victim told is shown with its keys, and not with the site’s', () => {
  const { chunks } = readVector('rfc8448-handshake');
  const half = Buffer.from('49af42ba7f7994852d713ef2784bcbcaa7911de26adc5642cb634540e7ea5005', 'hex');
  const fold = foldOf(
    [{ chunks, port: 443 }],
    [{ connection: 1, group: 29, privateKey: Uint8Array.from(half) }],
  );
  expect(fold.origins.list()).toMatchObject([{ connection: 1, tellsPrivateHalf: true }]);
  expect(stepOf(originOf(fold, 1, 'victim'), 'shared-secret').value).toHaveLength(32);
  for (const origin of [originOf(fold, 1, 'site'), originUnlent(fold)]) {
    expect(origin.tellsPrivateHalf).toBe(true);
    expect(stepOf(origin, 'client-private-key').whyUnknown).toMatch(/victim’s keys, which Browser lends/);
    expect(stepOf(origin, 'shared-secret').value).toBeUndefined();
  }
});

describe.skipIf(missing)('a private key that got out', () => {
  const another = () =>
    Uint8Array.from(
      generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'der' }),
    );
  const own = () => Uint8Array.from(createPrivateKey(identity.key).export({ type: 'pkcs8', format: 'der' }));

  test.each([
    ['TLSv1.2', 'AES128-GCM-SHA256'],
    ['TLSv1.2', 'ECDHE-RSA-AES128-GCM-SHA256'],
    ['TLSv1.3', 'TLS_AES_128_GCM_SHA256'],
  ] as const)(
    'of another certificate of the host is nobody’s gain, and says so: %s, %s',
    async (version, suite) => {
      const { chunks, keyLog } = await said(version, suite);
      const passed = [{ chunks, port: 443, keyLog }];
      const without = knownToStranger(originOf(foldOf(passed)));
      const origin = originOf(foldOf(passed, [], [{ host: 'own.test', key: another() }]));
      expect(faultsOf(origin)).toEqual([]);
      expect(knownToStranger(origin)).toEqual(without);
      expect(stepOf(origin, 'certificate-private-key').value).toBeUndefined();
      expect(stepOf(origin, 'certificate-private-key').about).toMatch(/that of another certificate/);

      const both = [own(), another()].map((key) => ({ host: 'own.test', key }));
      const found = stepOf(originOf(foldOf(passed, [], both)), 'certificate-private-key');
      expect(found).toMatchObject({ value: own(), knownTo: ['victim', 'site', 'stranger'] });
    },
  );

  test('is not called that of a sealed certificate, until the victim tells which it received', async () => {
    const { chunks } = await said('TLSv1.3');
    const fold = foldOf([{ chunks, port: 443 }], [], [{ host: 'own.test', key: own() }]);
    const before = stepOf(originUnlent(fold), 'certificate-private-key');
    expect(before.about).toMatch(/the sealed certificate does not tell/);
    expect(before.knownTo).toEqual(['site']);
    fold.apply({
      ...{ epoch: 1000, seq: 9999, time: 1e9, vantage: 'victim', type: 'certificate-received' },
      ...{ connection: 1, host: 'own.test', trusted: [] },
      chain: [new Uint8Array(new X509Certificate(identity.cert).raw)],
    });
    const after = stepOf(originUnlent(fold), 'certificate-private-key');
    expect(after.knownTo).toContain('stranger');
    expect(after.value).toBeUndefined();
  });
});
