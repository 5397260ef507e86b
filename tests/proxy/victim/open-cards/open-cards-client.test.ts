import { afterEach, describe, expect, test } from 'vitest';
import { OpenCardsClient } from '../../../../proxy/victim/open-cards/open-cards-client.ts';
import { hasTool } from '../../../support/tools.ts';
import { ANSWER, HOST, nodeSite, opensslSite, pipe, REQUEST, theAuthority, visit } from './sites.ts';

const TLS_1_2 = 0x0303;
const [P256, X25519] = [23, 29] as const;
const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');

const closers: (() => Promise<unknown>)[] = [];
/** Closed when the test is over. */
async function kept<Thing extends { close(): Promise<unknown> }>(thing: Promise<Thing>): Promise<Thing> {
  const made = await thing;
  closers.push(() => made.close());
  return made;
}
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

describe('against Node', () => {
  test.each([
    ['TLS 1.3', 0x1301, undefined, 'TLSv1.3', 'TLS_AES_128_GCM_SHA256'],
    ['TLS 1.3', 0x1302, undefined, 'TLSv1.3', 'TLS_AES_256_GCM_SHA384'],
    ['TLS 1.3', 0x1303, undefined, 'TLSv1.3', 'TLS_CHACHA20_POLY1305_SHA256'],
    ['TLS 1.2', 0xc02b, TLS_1_2, 'TLSv1.2', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
    ['TLS 1.2', 0xc02c, TLS_1_2, 'TLSv1.2', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
    ['TLS 1.2', 0xcca9, TLS_1_2, 'TLSv1.2', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
  ] as const)(
    '%s, suite %i: a request, its answer, and the same secrets as the site',
    async (_, suite, version, name, ciphers) => {
      const site = await kept(nodeSite({ minVersion: name, maxVersion: name, ciphers }));
      const seen = await visit(site.port, version ? { version } : {});
      expect(seen.error).toBeUndefined();
      expect(seen.answer).toBe(ANSWER);
      expect(site.heard()).toBe(REQUEST);
      expect(seen.cards).toMatchObject({ suite, group: X25519 });
      expect(seen.lines.toSorted()).toEqual(site.keyLog().toSorted());
      expect(seen.lines).toHaveLength(version ? 1 : 5);
      expect(seen.shares.map(({ privateKey }) => hex(privateKey))).toEqual([hex(seen.cards?.privateKey)]);
      const authority = await theAuthority();
      expect(seen.shown).toHaveLength(1);
      expect(seen.shown[0]?.error).toBeUndefined();
      expect(hex(seen.shown[0]?.chain.at(-1))).toBe(hex(authority.certificateDer));
      expect(site.errors()).toEqual([]);
    },
  );
});

describe.skipIf(!hasTool('openssl'))('against openssl s_server', () => {
  test.each([
    [['-ciphersuites', 'TLS_AES_128_GCM_SHA256', '-groups', 'X25519'], X25519],
    [['-ciphersuites', 'TLS_AES_256_GCM_SHA384', '-num_tickets', '4'], X25519],
    [['-ciphersuites', 'TLS_CHACHA20_POLY1305_SHA256', '-groups', 'P-256'], P256],
    [['-groups', 'P-256', '-no_middlebox'], P256],
  ] as const)('%j', async (flags, group) => {
    const site = await kept(opensslSite('-www', ...flags));
    const seen = await visit(site.port);
    expect(seen.error).toBeUndefined();
    expect(seen.answer).toContain('HTTP/1.0 200 ok');
    expect(seen.cards?.group).toBe(group);
    expect(seen.lines.toSorted()).toEqual(site.keyLog().toSorted());
  });

  test('begins with secp256r1 where that is preferred, and is asked for x25519', async () => {
    const site = await kept(opensslSite('-www', '-groups', 'X25519:P-256'));
    const only = await visit(site.port, { groups: [P256] });
    expect(only.cards?.group).toBe(P256);
    expect(only.answer).toContain('200 ok');
    const picky = await kept(opensslSite('-www', '-groups', 'X25519'));
    const both = await visit(picky.port, { groups: [P256, X25519] });
    expect(both.cards?.group).toBe(X25519);
    expect(both.shares.map((share) => share.group)).toEqual([X25519]);
    expect(both.lines.toSorted()).toEqual(picky.keyLog().toSorted());
  });

  test('TLS 1.2 over secp256r1', async () => {
    const site = await kept(opensslSite('-www', '-tls1_2', '-groups', 'P-256'));
    const seen = await visit(site.port, { version: TLS_1_2 });
    expect(seen.error).toBeUndefined();
    expect(seen.cards).toMatchObject({ version: TLS_1_2, group: P256 });
    expect(seen.lines).toEqual(site.keyLog());
  });

  test.each([
    ['asks for one in return', 'K', 1],
    ['asks for none', 'k', 0],
  ] as const)('follows a KeyUpdate of the site that %s', async (_, command, answers) => {
    const site = await kept(opensslSite('-tls1_3'));
    let [said, told] = [0, 0];
    const between = await kept(
      pipe(site.port, function* (chunk, from) {
        if (from === 'client') said += 1;
        else told += 1;
        yield chunk;
      }),
    );
    const authorityPem = (await theAuthority()).certificatePem;
    const { signal } = new AbortController();
    const client = new OpenCardsClient({ port: between.port, host: HOST, authorityPem, signal });
    await client.connect();
    const answer = client.receive();
    client.send(Buffer.from('before\n'));
    await expect.poll(site.heard).toContain('before');
    const saidBefore = said;
    site.type(command);
    await expect.poll(() => said - saidBefore).toBe(answers);
    // What each says now is sealed with keys that the other can only have by the same update.
    client.send(Buffer.from('after\n'));
    await expect.poll(site.heard).toContain('after');
    const toldBefore = told;
    site.type('from the site');
    await expect.poll(() => told - toldBefore).toBe(1);
    await client.close();
    expect(Buffer.from(await answer).toString()).toBe('from the site\n');
  });
});

test.each([
  ['TLSv1.3', undefined, 'rsa_pss_rsae_sha256'],
  ['TLSv1.2', TLS_1_2, 'RSA+SHA256'],
] as const)('%s with an RSA certificate', async (name, version, sigalgs) => {
  const { keyPem: key, certificatePem: cert } = await (
    await theAuthority()
  ).issue({ names: [HOST], key: 'RSA 2048' });
  const site = await kept(nodeSite({ key, cert, minVersion: name, maxVersion: name, sigalgs }));
  const seen = await visit(site.port, version ? { version } : {});
  expect(seen.answer).toBe(ANSWER);
  expect(seen.lines.toSorted()).toEqual(site.keyLog().toSorted());
});

test('TLS 1.2 without the extended master secret', async () => {
  const noExtendedMasterSecret = 1;
  const site = await kept(nodeSite({ maxVersion: 'TLSv1.2', secureOptions: noExtendedMasterSecret }));
  const seen = await visit(site.port, { version: TLS_1_2 });
  expect(seen.answer).toBe(ANSWER);
  expect(seen.lines).toEqual(site.keyLog());
});

test('a site that asks for the client’s certificate hears that there is none', async () => {
  for (const version of [undefined, TLS_1_2] as const) {
    const site = await kept(nodeSite({ requestCert: true, rejectUnauthorized: false }));
    const seen = await visit(site.port, version ? { version } : {});
    expect(seen.answer).toBe(ANSWER);
  }
});

test('bytes that come one by one make no difference, either way', async () => {
  const site = await kept(nodeSite());
  const between = await kept(
    pipe(site.port, function* (chunk) {
      for (let at = 0; at < chunk.length; at += 1) yield chunk.subarray(at, at + 1);
    }),
  );
  const seen = await visit(between.port);
  expect(seen.answer).toBe(ANSWER);
  expect(seen.lines.toSorted()).toEqual(site.keyLog().toSorted());
});
