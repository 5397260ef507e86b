import { createHash, createHmac, createPrivateKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyHandshakeSignature } from '../../../../dashboard/src/lib/format/verify-signature.ts';
import type { KeyOrigin, OriginSignature } from '#folds/key-origin/key-origin.ts';
import { selfSigned } from '../../../support/own-servers.ts';
import { hasTool } from '../../../support/tools.ts';
import { converse, converseTimes } from '../../keys/tap.ts';
import { expandLabel, prf, secretIn, verifies } from './independent.ts';
import { faultsOf, foldOf, hexOf, knownToStranger, originOf, originUnlent, stepOf } from './origins.ts';

type Version = 'TLSv1.2' | 'TLSv1.3';
// SSL_OP_NO_EXTENDED_MASTER_SECRET of OpenSSL, which Node does not name.
const NO_EXTENDED_MASTER_SECRET = 1;

let folder = '';
const identities: Record<string, { key: Buffer; cert: Buffer }> = {};
const withoutOpenssl = !hasTool('openssl');

beforeAll(() => {
  if (withoutOpenssl) return;
  folder = mkdtempSync(join(tmpdir(), 'plainsight-test-'));
  for (const kind of ['rsa:2048', 'ec'] as const) {
    const { key, certificate } = selfSigned(folder, kind);
    identities[kind.slice(0, 2)] = { key: readFileSync(key), cert: readFileSync(certificate) };
  }
});
afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true });
});

async function say(
  kind: 'rs' | 'ec',
  version: Version,
  suite: string,
  more: { secureOptions?: number; dhparam?: 'auto' } = {},
) {
  const limits = { minVersion: version, maxVersion: version, ciphers: suite };
  return converse({ ...identities[kind], ...limits, ...more }, { ...limits, ...more }, 'hello', 'good bye');
}

async function expectSigned({ signature }: KeyOrigin, message: OriginSignature['message']): Promise<void> {
  if (!signature) throw new Error('no signature');
  expect(signature.message).toBe(message);
  expect(verifies(signature)).toBe(true);
  expect(await verifyHandshakeSignature(signature)).toBe(true);
  for (const at of [0, 70, signature.signed.length - 1]) {
    const altered = signature.signed.map((byte, index) => (index === at ? byte ^ 1 : byte));
    if (at >= altered.length) continue;
    expect(verifies(signature, altered)).toBe(false);
    expect(await verifyHandshakeSignature({ ...signature, signed: altered })).toBe(false);
  }
}

describe.skipIf(withoutOpenssl)('TLS 1.3 between Node ends', () => {
  test.each([
    ['rs', 'TLS_AES_128_GCM_SHA256', 'sha256', 16],
    ['ec', 'TLS_AES_256_GCM_SHA384', 'sha384', 32],
    ['ec', 'TLS_CHACHA20_POLY1305_SHA256', 'sha256', 32],
  ] as const)(
    'with an %s key and %s: keys, both Finished, the signature',
    async (kind, suite, hash, size) => {
      const { chunks, keyLog } = await say(kind, 'TLSv1.3', suite);
      const fold = foldOf([{ chunks, port: 443, keyLog }]);
      const origin = originOf(fold);
      expect(origin).toMatchObject({ version: 'TLS 1.3', suite, group: 'x25519', exchange: '(EC)DHE' });
      expect(faultsOf(origin)).toEqual([]);
      for (const [id, label] of [
        ['client-handshake', 'CLIENT_HANDSHAKE_TRAFFIC_SECRET'],
        ['server-handshake', 'SERVER_HANDSHAKE_TRAFFIC_SECRET'],
        ['client-application', 'CLIENT_TRAFFIC_SECRET_0'],
        ['server-application', 'SERVER_TRAFFIC_SECRET_0'],
      ] as const) {
        const secret = secretIn(keyLog, label);
        expect(hexOf(stepOf(origin, `${id}-key`))).toBe(expandLabel(hash, secret, 'key', size));
        expect(hexOf(stepOf(origin, `${id}-iv`))).toBe(expandLabel(hash, secret, 'iv', 12));
      }
      expect(stepOf(origin, 'client-finished').agreesWith?.equal).toBe(true);
      expect(stepOf(origin, 'server-finished').agreesWith?.equal).toBe(true);
      expect(hexOf(stepOf(origin, 'exporter-secret'))).toBe(
        secretIn(keyLog, 'EXPORTER_SECRET').toString('hex'),
      );
      // Without a key from before, the schedule begins with what anybody can compute.
      const zeros = Buffer.alloc(createHash(hash).digest().length);
      expect(hexOf(stepOf(origin, 'early-secret'))).toBe(createHmac(hash, zeros).update(zeros).digest('hex'));
      expect(stepOf(origin, 'early-secret')).toMatchObject({
        source: 'public constant',
        knownTo: ['victim', 'site', 'stranger'],
      });
      await expectSigned(origin, 'CertificateVerify');
    },
  );

  test('resumed: no certificate, no signature, and the schedule begins with a secret', async () => {
    const limits = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' } as const;
    const said = await converseTimes(
      2,
      { ...identities['ec'], ...limits },
      (session) => ({ ...limits, ...(session && { session }) }),
      'hello',
      'good bye',
    );
    const fold = foldOf(said.map(({ chunks, keyLog }) => ({ chunks, port: 443, keyLog })));
    const origin = originOf(fold, 2);
    expect(origin.exchange).toBe('PSK with (EC)DHE');
    expect(origin.signature).toBeUndefined();
    expect(faultsOf(origin)).toEqual([]);
    expect(stepOf(origin, 'early-secret').knownTo).toEqual(['victim', 'site']);
    expect(knownToStranger(origin)).not.toContain('early-secret');
    expect(stepOf(origin, 'client-finished').agreesWith?.equal).toBe(true);
  });
});

describe.skipIf(withoutOpenssl)('TLS 1.2 between Node ends', () => {
  test.each([
    ['rs', 'ECDHE-RSA-AES128-GCM-SHA256', 'sha256', [0, 16, 4]],
    ['ec', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'sha384', [0, 32, 4]],
    ['ec', 'ECDHE-ECDSA-CHACHA20-POLY1305', 'sha256', [0, 32, 12]],
    ['rs', 'ECDHE-RSA-AES128-SHA', 'sha256', [20, 16, 0]],
    ['rs', 'ECDHE-RSA-AES256-SHA384', 'sha384', [48, 32, 0]],
  ] as const)(
    'with an %s key and %s: the key block in its parts, both Finished, the signature',
    async (kind, suite, hash, sizes) => {
      const { chunks, keyLog } = await say(kind, 'TLSv1.2', suite);
      const fold = foldOf([{ chunks, port: 443, keyLog }]);
      const origin = originOf(fold);
      expect(origin).toMatchObject({ version: 'TLS 1.2', exchange: '(EC)DHE', group: 'x25519' });
      expect(faultsOf(origin)).toEqual([]);
      const seed = Buffer.from(
        hexOf(stepOf(origin, 'server-random')) + hexOf(stepOf(origin, 'client-random')),
        'hex',
      );
      const block = prf(
        hash,
        secretIn(keyLog, 'CLIENT_RANDOM'),
        'key expansion',
        seed,
        2 * (sizes[0] + sizes[1] + sizes[2]),
      );
      const names = ['mac-key', 'key', 'iv'].flatMap((what, at) =>
        sizes[at] === 0 ? [] : [`client-write-${what}`, `server-write-${what}`],
      );
      expect(names.map((id) => hexOf(stepOf(origin, id))).join('')).toBe(block.toString('hex'));
      expect(stepOf(origin, 'client-finished').agreesWith?.equal).toBe(true);
      expect(stepOf(origin, 'server-finished').agreesWith?.equal).toBe(true);
      expect(stepOf(origin, 'master-secret').formula).toMatch(/extended/);
      await expectSigned(origin, 'ServerKeyExchange');
    },
  );

  test('not lent, the signature is there all the same, and no secret is', async () => {
    const { chunks, keyLog } = await say('ec', 'TLSv1.2', 'ECDHE-ECDSA-AES128-GCM-SHA256');
    const origin = originUnlent(foldOf([{ chunks, port: 443, keyLog }]));
    await expectSigned(origin, 'ServerKeyExchange');
    expect(faultsOf(origin)).toEqual([]);
    const open = [
      ...['client-random', 'server-random', 'client-key-share', 'server-key-share', 'handshake-messages'],
      ...['session-hash', 'client-finished-hash', 'server-key-exchange-signature'],
    ];
    expect(origin.steps.filter(({ value }) => value).map(({ id }) => id)).toEqual(open);
    expect(knownToStranger(origin)).toEqual(open);
  });

  test('over a finite field: both public values, and no secret', async () => {
    const { chunks, keyLog } = await say('rs', 'TLSv1.2', 'DHE-RSA-AES128-GCM-SHA256', { dhparam: 'auto' });
    const origin = originOf(foldOf([{ chunks, port: 443, keyLog }]));
    expect(origin.group).toMatch(/^Diffie-Hellman, \d+ bits$/);
    expect(faultsOf(origin)).toEqual([]);
    expect(stepOf(origin, 'pre-master-secret').whyUnknown).toMatch(/cannot be run backwards/);
    await expectSigned(origin, 'ServerKeyExchange');
  });

  test.each([
    ['extended', {}],
    ['from the randoms alone', { secureOptions: NO_EXTENDED_MASTER_SECRET }],
  ])(
    'static RSA, master secret %s: the leaked key gives the pre_master_secret and all below it',
    async (_kind, more) => {
      const { chunks, keyLog } = await say('rs', 'TLSv1.2', 'AES128-GCM-SHA256', more);
      const key = createPrivateKey(identities['rs']?.key ?? '').export({ type: 'pkcs8', format: 'der' });
      const leak = { host: 'own.test', key: Uint8Array.from(key) };
      const origin = originOf(foldOf([{ chunks, port: 443, keyLog }], [], [leak]));
      expect(origin.exchange).toBe('static RSA');
      expect(faultsOf(origin)).toEqual([]);
      expect(stepOf(origin, 'pre-master-secret').value).toHaveLength(48);
      expect(stepOf(origin, 'master-secret')).toMatchObject({
        source: 'computed',
        agreesWith: { equal: true },
      });
      expect(/extended/.test(stepOf(origin, 'master-secret').formula ?? '')).toBe(_kind === 'extended');
      expect(knownToStranger(origin)).toContain('server-write-key');
      expect(origin.whyNoSignature).toMatch(/Nothing is signed/);

      const before = originOf(foldOf([{ chunks, port: 443, keyLog }]));
      expect(stepOf(before, 'pre-master-secret').value).toBeUndefined();
      expect(stepOf(before, 'pre-master-secret').knownTo).toEqual(['victim', 'site']);
      expect(knownToStranger(before)).not.toContain('master-secret');
    },
  );

  test('under ECDHE the leaked key gives the stranger no key: it could sign, and nothing else', async () => {
    const { chunks, keyLog } = await say('rs', 'TLSv1.2', 'ECDHE-RSA-AES128-GCM-SHA256');
    const key = createPrivateKey(identities['rs']?.key ?? '').export({ type: 'pkcs8', format: 'der' });
    const passed = { chunks, port: 443, keyLog };
    const without = knownToStranger(originOf(foldOf([passed])));
    const leak = { host: 'own.test', key: Uint8Array.from(key) };
    const withLeak = knownToStranger(originOf(foldOf([passed], [], [leak])));
    expect(withLeak.filter((id) => !without.includes(id))).toEqual(['certificate-private-key']);
  });

  test('resumed: the master secret of the earlier connection, other keys', async () => {
    const limits = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
    const said = await converseTimes(
      2,
      { ...identities['ec'], ...limits },
      (session) => ({ ...limits, ...(session && { session }) }),
      'hello',
      'good bye',
    );
    const fold = foldOf(said.map(({ chunks, keyLog }) => ({ chunks, port: 443, keyLog })));
    const [first, second] = [originOf(fold, 1), originOf(fold, 2)];
    expect(second.exchange).toBe('resumption');
    expect(faultsOf(second)).toEqual([]);
    expect(stepOf(second, 'master-secret').agreesWith).toEqual({
      what: 'the master secret of connection 1',
      equal: true,
    });
    expect(hexOf(stepOf(second, 'client-write-key'))).not.toBe(hexOf(stepOf(first, 'client-write-key')));
    for (const id of ['server-finished', 'client-finished'])
      expect(stepOf(second, id).agreesWith?.equal).toBe(true);
    expect(knownToStranger(second)).toEqual([
      ...['client-random', 'server-random', 'handshake-messages', 'server-finished-hash'],
    ]);
  });
});
