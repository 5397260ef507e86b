import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findField } from '#dissectors/byte-reader.ts';
import { decryptedDissections } from '#keys/decrypted-dissections.ts';
import { selfSigned } from '../../support/own-servers.ts';
import { hasTool } from '../../support/tools.ts';
import { converse, converseTimes, dataOf, decrypt, recordsOf } from './tap.ts';

const SAID = `POST /login HTTP/1.1\r\nHost: own.test\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n{"password":"no"}`;
const ANSWER = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 40000\r\n\r\n${'a'.repeat(40_000)}`;
// SSL_OP_NO_ENCRYPT_THEN_MAC of OpenSSL, which Node does not name.
const NO_ENCRYPT_THEN_MAC = 1 << 19;

let folder = '';
const certificates: Record<string, { key: Buffer; cert: Buffer }> = {};

const withoutOpenssl = !hasTool('openssl');

beforeAll(() => {
  if (withoutOpenssl) return;
  folder = mkdtempSync(join(tmpdir(), 'plainsight-test-'));
  for (const kind of ['rsa:2048', 'ec'] as const) {
    const { key, certificate } = selfSigned(folder, kind);
    certificates[kind.slice(0, 2)] = { key: readFileSync(key), cert: readFileSync(certificate) };
  }
});
afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true });
});

function options(
  kind: 'rs' | 'ec',
  version: 'TLSv1.2' | 'TLSv1.3',
  ciphers: string,
  more: TlsOptions = {},
): TlsOptions {
  return { ...certificates[kind], minVersion: version, maxVersion: version, ciphers, ...more };
}

function versioned(version: 'TLSv1.2' | 'TLSv1.3', ciphers: string): ConnectionOptions {
  return { minVersion: version, maxVersion: version, ciphers };
}

describe.skipIf(withoutOpenssl)('what two ends say to each other opens to what they said', () => {
  const suites13 = [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_CCM_SHA256',
  ];
  test.each(suites13)('TLS 1.3 with %s', async (suite) => {
    const { chunks, keyLog } = await converse(
      options('ec', 'TLSv1.3', suite),
      versioned('TLSv1.3', suite),
      SAID,
      ANSWER,
    );
    expectAllSaid(decrypt(recordsOf(chunks), keyLog));
  });

  test.each([
    ['rs', 'ECDHE-RSA-AES128-GCM-SHA256'],
    ['rs', 'ECDHE-RSA-AES256-GCM-SHA384'],
    ['rs', 'ECDHE-RSA-CHACHA20-POLY1305'],
    ['rs', 'ECDHE-RSA-AES128-SHA256'],
    ['rs', 'ECDHE-RSA-AES256-SHA384'],
    ['rs', 'ECDHE-RSA-AES128-SHA'],
    ['rs', 'AES128-GCM-SHA256'],
    ['rs', 'AES256-SHA256'],
    ['ec', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
    ['ec', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
    ['ec', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
    ['ec', 'ECDHE-ECDSA-AES128-SHA256'],
    ['ec', 'ECDHE-ECDSA-AES256-SHA'],
    ['ec', 'ECDHE-ECDSA-AES128-CCM'],
    ['ec', 'ECDHE-ECDSA-AES256-CCM8'],
  ] as const)('TLS 1.2 with an %s key and %s', async (kind, suite) => {
    const ciphers = `${suite}:@SECLEVEL=0`;
    const { chunks, keyLog } = await converse(
      options(kind, 'TLSv1.2', ciphers),
      versioned('TLSv1.2', ciphers),
      SAID,
      ANSWER,
    );
    expectAllSaid(decrypt(recordsOf(chunks), keyLog));
  });

  test.each(['ECDHE-RSA-AES128-SHA256', 'ECDHE-RSA-AES256-SHA384', 'ECDHE-RSA-AES256-SHA'])(
    'TLS 1.2 with %s, the MAC inside',
    async (suite) => {
      const inside = { secureOptions: NO_ENCRYPT_THEN_MAC };
      const { chunks, keyLog } = await converse(
        options('rs', 'TLSv1.2', suite, inside),
        { ...versioned('TLSv1.2', suite), ...inside },
        SAID,
        ANSWER,
      );
      const records = recordsOf(chunks);
      expect(extensionsOf(records[1]?.bytes)).not.toContain(22);
      expectAllSaid(decrypt(records, keyLog));
    },
  );

  test('TLS 1.2 with CBC between Node ends negotiates encrypt-then-MAC, so both orders are tried here', async () => {
    const suite = 'ECDHE-RSA-AES128-SHA256';
    const { chunks } = await converse(
      options('rs', 'TLSv1.2', suite),
      versioned('TLSv1.2', suite),
      SAID,
      ANSWER,
    );
    expect(extensionsOf(recordsOf(chunks)[1]?.bytes)).toContain(22);
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    '%s resumed: another handshake, opened as well',
    async (version) => {
      const ciphers = version === 'TLSv1.2' ? 'ECDHE-RSA-AES128-GCM-SHA256' : 'TLS_AES_128_GCM_SHA256';
      const [first, second] = await converseTimes(
        2,
        options('rs', version, ciphers),
        (session) => ({ ...versioned(version, ciphers), ...(session && { session }) }),
        SAID,
        ANSWER,
      );
      if (!first || !second) throw new Error('nothing was said');
      expectAllSaid(decrypt(recordsOf(first.chunks), first.keyLog));
      const resumed = decrypt(recordsOf(second.chunks), second.keyLog);
      expectAllSaid(resumed);
      const types = resumed.read.flatMap(({ reading }) =>
        reading.state === 'sealed' ? [] : reading.handshake.map(({ bytes }) => bytes[0]),
      );
      expect(types).not.toContain(11);
      expect(first.keyLog).not.toBe(second.keyLog);
    },
  );

  test('after a HelloRetryRequest', async () => {
    const suite = 'TLS_AES_128_GCM_SHA256';
    const { chunks, keyLog } = await converse(
      options('ec', 'TLSv1.3', suite, { ecdhCurve: 'P-384' }),
      { ...versioned('TLSv1.3', suite), ecdhCurve: 'X25519:P-384' },
      SAID,
      ANSWER,
    );
    const records = recordsOf(chunks);
    expect(records.filter(({ bytes }) => bytes[0] === 22)).toHaveLength(4);
    expectAllSaid(decrypt(records, keyLog));
  });

  test('with a certificate of the client, spread over records', async () => {
    const suite = 'TLS_AES_128_GCM_SHA256';
    const { chunks, keyLog } = await converse(
      options('rs', 'TLSv1.3', suite, { requestCert: true, rejectUnauthorized: false }),
      { ...versioned('TLSv1.3', suite), ...certificates['rs'] },
      SAID,
      ANSWER,
    );
    const { read } = decrypt(recordsOf(chunks), keyLog);
    const fromClient = read.flatMap(({ direction, reading }) =>
      direction === 'client-to-server' && reading.state === 'opened' ? reading.handshake : [],
    );
    expect(fromClient.map(({ bytes }) => bytes[0])).toEqual([11, 15, 20]);
  });

  test('the messages of the data inside are found, with the record that each lies in', async () => {
    const suite = 'TLS_AES_128_GCM_SHA256';
    const { chunks, keyLog } = await converse(
      options('ec', 'TLSv1.3', suite),
      versioned('TLSv1.3', suite),
      SAID,
      ANSWER,
    );
    const { connection, read } = decrypt(recordsOf(chunks), keyLog);
    expect([...connection.messages].map(({ title, complete }) => ({ title, complete }))).toEqual([
      { title: 'POST /login', complete: true },
      { title: '200 OK', complete: true },
    ]);
    const request = read.find(({ data, direction }) => data && direction === 'client-to-server');
    const [inside, http] = request ? decryptedDissections(request, connection) : [];
    expect(inside?.title).toBe('Application Data, decrypted');
    expect(http).toMatchObject({ source: 'decrypted', title: 'POST /login' });
    const answer = read.find(({ data, direction }) => data && direction === 'server-to-client');
    const [, page] = answer ? decryptedDissections(answer, connection) : [];
    expect(page?.title).toMatch(/^200 OK, from [34] records$/);
    expect(page && findField(page.field, 'http.response.code')?.value).toBe('200');
  });
});

function expectAllSaid({ read, connection }: ReturnType<typeof decrypt>): void {
  const still = read.filter(({ reading }) => reading.state === 'sealed');
  expect(still).toEqual([]);
  expect(dataOf(read, 'client-to-server')).toBe(SAID);
  expect(dataOf(read, 'server-to-client')).toBe(ANSWER);
  const data = { start: 0, end: SAID.length };
  expect(Buffer.from(connection.bytes('client-to-server', data).bytes).toString()).toBe(SAID);
}

/** The types of the extensions of a ServerHello in its record. */
function extensionsOf(record: Uint8Array | undefined): readonly number[] {
  if (!record) return [];
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  let at = 5 + 4 + 2 + 32;
  at += 1 + bytes.readUInt8(at) + 2 + 1 + 2;
  const end = 5 + 4 + bytes.readUIntBE(6, 3);
  const types: number[] = [];
  for (; at < end; at += 4 + bytes.readUInt16BE(at + 2)) types.push(bytes.readUInt16BE(at));
  return types;
}
