import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { titleOf, type Combination } from './combinations.ts';
import { ANSWER, talkThroughRelay, type Witnessed } from './decryption-matrix.ts';
import { SAID } from './matrix-clients.ts';
import type { OpenedConnection } from './opened-connections.ts';
import { hasTool } from './tools.ts';

const ENCRYPT_THEN_MAC = 22;
const EXTENDED_MASTER_SECRET = 23;

/** One test a combination: what its connections held for us is what they hold for tshark, in the same file. */
export function expectAgreement(combinations: readonly Combination[]): void {
  const isToolMissing = !['tshark', 'openssl', 'curl'].map(hasTool).every(Boolean);
  describe.skipIf(isToolMissing)('decrypted as tshark decrypts it, from the same capture file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plainsight-test-'));
    let results: readonly (readonly Witnessed[])[] = [];
    let codes: ReadonlyMap<string, number> = new Map();
    beforeAll(async () => {
      codes = suiteCodes();
      results = await talkThroughRelay(combinations, folder);
    }, 180_000);
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });

    test.each(combinations.map((combination, index) => [titleOf(combination), combination, index] as const))(
      '%s',
      (_, combination, index) => {
        const connections = results[index] ?? [];
        for (const witnessed of connections) expectSame(witnessed);
        // Chromium opens others for its icon or ahead of need.
        const talked = connections.filter(({ ours }) =>
          ours.data['client-to-server'].toString('latin1').startsWith('GET /account '),
        );
        expect(talked).toHaveLength(1);
        for (const { ours, theirs } of talked) {
          expect(ours.sealed).toEqual([]);
          expect(ours.finished).toEqual(['verified', 'verified']);
          expectWhatWasSaid(combination, ours);
          expect(theirs.suite).toBe(codes.get(combination.suite));
          const has = (type: number) => theirs.serverExtensions.includes(type);
          expect(has(ENCRYPT_THEN_MAC)).toBe(combination.mac === 'encrypt-then-MAC');
          expect(has(EXTENDED_MASTER_SECRET)).toBe(combination.master === 'extended');
        }
      },
    );
  });
}

function expectSame({ ours, theirs }: Witnessed): void {
  expect(ours.data).toEqual(theirs.data);
  const lengths = ours.records.flatMap(({ reading }) =>
    reading.state === 'opened' ? [reading.content.length] : [],
  );
  expect(lengths).toEqual(theirs.recordLengths);
  expect(ours.handshakeTypes.toSorted(byNumber)).toEqual(theirs.handshakeTypes.toSorted(byNumber));
  expect(ours.serverExtensions).toEqual(theirs.serverExtensions);
}

function expectWhatWasSaid({ client }: Combination, ours: OpenedConnection): void {
  const said = ours.data['client-to-server'].toString('latin1');
  expect(said).toContain('X-Password: monsoon-42\r\n');
  if (client === 'node' || client === 'openssl') expect(said).toBe(SAID);
  expect(ours.data['server-to-client'].toString('latin1')).toBe(ANSWER);
}

/** Code points by OpenSSL's names, as OpenSSL gives them. */
function suiteCodes(): ReadonlyMap<string, number> {
  const all13 = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256';
  const ccm = 'TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256';
  const table = execFileSync(
    'openssl',
    ['ciphers', '-V', '-ciphersuites', `${all13}:${ccm}`, 'ALL:@SECLEVEL=0'],
    { encoding: 'utf8' },
  );
  return new Map(
    [...table.matchAll(/0x([0-9A-F]{2}),0x([0-9A-F]{2}) - (\S+)/g)].map(
      ([, high = '', low = '', name = '']) => [name, parseInt(high + low, 16)],
    ),
  );
}

function byNumber(one: number, other: number): number {
  return one - other;
}
