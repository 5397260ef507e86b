import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFields } from '#dissectors/byte-reader.ts';
import { decryptedDissections } from '#keys/decrypted-dissections.ts';
import { selfSigned } from '../../support/own-servers.ts';
import { hasTool } from '../../support/tools.ts';
import { readVector, type VectorChunk } from '../../vectors/vector.ts';
import { converseTimes, decrypt, recordsOf } from './tap.ts';

const RANDOM = 'cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7';
const HANDSHAKE_KEYS = [
  `CLIENT_HANDSHAKE_TRAFFIC_SECRET ${RANDOM} b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21`,
  `SERVER_HANDSHAKE_TRAFFIC_SECRET ${RANDOM} b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38`,
];
const records = recordsOf(readVector('rfc8448-records').chunks);

function checks({ read }: ReturnType<typeof decrypt>) {
  return read.flatMap(({ reading, direction }) =>
    reading.state === 'sealed'
      ? []
      : reading.handshake.flatMap(({ finished }) => (finished ? [`${direction}: ${finished}`] : [])),
  );
}

test('both Finished of RFC 8448, 3 follow from the messages before them', () => {
  const result = decrypt(records, HANDSHAKE_KEYS.join('\n'));
  expect(checks(result)).toEqual(['server-to-client: verified', 'client-to-server: verified']);
  const [flight] = result.read.slice(2).map((record) => decryptedDissections(record, result.connection));
  const [data] = flight?.flatMap(({ field }) => findFields(field, 'tls.handshake.verify_data')) ?? [];
  expect(data?.meaning).toMatch(/^Finished verified/);
});

test('one byte of a hello that no key depends on, altered, is what Finished gives away', () => {
  const [hello, ...rest] = records;
  const altered = Uint8Array.from(hello?.bytes ?? []);
  // The length of the session identifier is 0 in this trace; the compression method behind the suites is altered.
  const at = 5 + 4 + 2 + 32 + 1 + 2 + 6 + 1;
  altered[at] = 1;
  const result = decrypt(
    [{ direction: 'client-to-server', bytes: altered }, ...rest],
    HANDSHAKE_KEYS.join('\n'),
  );
  expect(checks(result)).toEqual(['server-to-client: wrong', 'client-to-server: wrong']);
});

test('with the flight of the server sealed, the Finished of the client is not claimed to be right', () => {
  const result = decrypt(records, HANDSHAKE_KEYS.slice(0, 1).join('\n'));
  expect(checks(result)).toEqual(['client-to-server: unchecked']);
});

const missing = !hasTool('openssl');
let folder = '';
let identity: { key: Buffer; cert: Buffer } | undefined;

beforeAll(() => {
  if (missing) return;
  folder = mkdtempSync(join(tmpdir(), 'plainsight-test-'));
  const { key, certificate } = selfSigned(folder, 'rsa:2048');
  identity = { key: readFileSync(key), cert: readFileSync(certificate) };
});
afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true });
});

describe.skipIf(missing)('both ends accepted the handshake, and so do we', () => {
  test.each([
    ['TLSv1.3', 'TLS_AES_256_GCM_SHA384', {}],
    ['TLSv1.3', 'TLS_AES_128_GCM_SHA256', { ecdhCurve: 'P-521' }],
    ['TLSv1.2', 'ECDHE-RSA-AES128-GCM-SHA256', {}],
    ['TLSv1.2', 'ECDHE-RSA-AES256-GCM-SHA384', {}],
    ['TLSv1.2', 'ECDHE-RSA-AES128-SHA', {}],
    ['TLSv1.2', 'AES128-GCM-SHA256', {}],
  ] as const)('%s %s %o, in full and resumed', async (version, ciphers, serverOnly) => {
    const both: TlsOptions & ConnectionOptions = { minVersion: version, maxVersion: version, ciphers };
    const conversations = await converseTimes(
      2,
      { ...identity, ...both, ...serverOnly },
      // Asking for the curve that comes second in the client's list makes the server ask again (HelloRetryRequest).
      (session) => ({ ...both, ecdhCurve: 'X25519:P-521', ...(session && { session }) }),
      'ping',
      'pong',
    );
    const said = conversations.map(({ chunks, keyLog }) =>
      checks(decrypt(recordsOf(chunks as VectorChunk[]), keyLog)).sort(),
    );
    const verified = ['client-to-server: verified', 'server-to-client: verified'];
    expect(said).toEqual([verified, verified]);
    const retries = conversations.map(({ chunks }) => retriesIn(chunks));
    if ('ecdhCurve' in serverOnly) expect(retries[0]).toBe(1);
  });
});

function retriesIn(chunks: readonly VectorChunk[]): number {
  const hellos = recordsOf(chunks).filter(({ direction, bytes }) => {
    return direction === 'client-to-server' && bytes[0] === 22 && bytes[5] === 1;
  });
  return hellos.length - 1;
}
