import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Direction } from '#contract';
import { selfSigned } from '../../support/own-servers.ts';
import { hasTool } from '../../support/tools.ts';
import type { VectorChunk } from '../../vectors/vector.ts';
import { converse, dataOf, decrypt, recordsOf } from './tap.ts';

const SAID = 'POST /login HTTP/1.1\r\nHost: own.test\r\nContent-Length: 10\r\n\r\nmonsoon-42';
const ANSWER = `HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n${'c'.repeat(40_000)}`;
// SSL_OP_NO_ENCRYPT_THEN_MAC of OpenSSL, which Node does not name.
const NO_ENCRYPT_THEN_MAC = 1 << 19;

interface Kind {
  readonly version: 'TLSv1.2' | 'TLSv1.3';
  readonly suite: string;
  readonly secureOptions?: number;
}

const KINDS: readonly (readonly [string, Kind])[] = [
  ['TLS 1.3, AES-GCM', { version: 'TLSv1.3', suite: 'TLS_AES_256_GCM_SHA384' }],
  ['TLS 1.3, ChaCha20-Poly1305', { version: 'TLSv1.3', suite: 'TLS_CHACHA20_POLY1305_SHA256' }],
  ['TLS 1.3, AES-CCM', { version: 'TLSv1.3', suite: 'TLS_AES_128_CCM_SHA256' }],
  ['TLS 1.2, AES-GCM', { version: 'TLSv1.2', suite: 'ECDHE-RSA-AES128-GCM-SHA256' }],
  ['TLS 1.2, ChaCha20-Poly1305', { version: 'TLSv1.2', suite: 'ECDHE-RSA-CHACHA20-POLY1305' }],
  ['TLS 1.2, static RSA and AES-CCM with a short tag', { version: 'TLSv1.2', suite: 'AES128-CCM8' }],
  ['TLS 1.2, AES-CBC, encrypt-then-MAC', { version: 'TLSv1.2', suite: 'ECDHE-RSA-AES256-SHA384' }],
  [
    'TLS 1.2, AES-CBC, MAC-then-encrypt',
    { version: 'TLSv1.2', suite: 'ECDHE-RSA-AES128-SHA256', secureOptions: NO_ENCRYPT_THEN_MAC },
  ],
];
const ALTERED =
  'The tag does not verify, though the key is the right one: the record was altered, injected or sent again.';
const WRONG = 'The tag does not verify: the key is not the right one, or the record was altered.';

const withoutOpenssl = !hasTool('openssl');
let folder = '';
let identity: { key: Buffer; cert: Buffer } | undefined;

beforeAll(() => {
  if (withoutOpenssl) return;
  folder = mkdtempSync(join(tmpdir(), 'plainsight-test-'));
  const { key, certificate } = selfSigned(folder, 'rsa:2048');
  identity = { key: readFileSync(key), cert: readFileSync(certificate) };
});
afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true });
});

describe.skipIf(withoutOpenssl).each(KINDS)('%s', (_, kind) => {
  let records: readonly VectorChunk[] = [];
  let keyLog = '';
  /** The first record of data of each direction, by its place. */
  let first: Readonly<Record<Direction, number>>;

  beforeAll(async () => {
    const { version, suite, secureOptions = 0 } = kind;
    const ciphers = version === 'TLSv1.3' ? suite : `${suite}:@SECLEVEL=0`;
    const both = { minVersion: version, maxVersion: version, ciphers, secureOptions };
    const said = await converse({ ...identity, ...both }, both, SAID, ANSWER);
    records = recordsOf(said.chunks);
    keyLog = said.keyLog;
    const { read } = decrypt(records, keyLog);
    const place = (from: Direction) => read.findIndex(({ data, direction }) => data && direction === from);
    first = { 'client-to-server': place('client-to-server'), 'server-to-client': place('server-to-client') };
  });

  test('opens to the last byte as it was captured', () => {
    const { read } = decrypt(records, keyLog);
    expect(sealedOnes(read)).toEqual([]);
    expect(dataOf(read, 'client-to-server')).toBe(SAID);
    expect(dataOf(read, 'server-to-client')).toBe(ANSWER);
  });

  test.each(['client-to-server', 'server-to-client'] as const)(
    'one flipped bit anywhere in a record %s seals it whole, and every other one opens',
    (direction) => {
      const index = first[direction];
      // The client's data is the first under its key in TLS 1.3, which nothing has shown to be right.
      const isProven = kind.version === 'TLSv1.2' || direction === 'server-to-client';
      const whole = records[index]?.bytes ?? new Uint8Array();
      // The header's version, the first byte behind it, the middle, the tag or MAC (or the padding), the very last.
      for (const at of [1, 5, whole.length >> 1, whole.length - 9, whole.length - 1]) {
        const { read } = decrypt(withFlipped(records, index, at), keyLog);
        const reading = read[index]?.reading;
        expect(reading).toEqual({
          state: 'sealed',
          why: 'not-verified',
          reason: isProven ? ALTERED : WRONG,
        });
        expect(read[index]).not.toHaveProperty('data');
        expect(sealedOnes(read)).toHaveLength(1);
      }
    },
  );

  test('a wrong key opens nothing of what it is for', () => {
    const wrong = keyLog.replace(neededLine(kind), (line) => line.slice(0, -1) + otherDigit(line.at(-1)));
    expect(wrong).not.toBe(keyLog);
    const { read } = decrypt(records, wrong);
    expect(dataOf(read, 'client-to-server')).toBe('');
    const reading = read[first['client-to-server']]?.reading;
    expect(reading).toEqual({
      state: 'sealed',
      why: 'not-verified',
      reason: WRONG,
    });
    // In TLS 1.2 both directions come from one secret; in TLS 1.3 each has its own.
    expect(dataOf(read, 'server-to-client')).toBe(kind.version === 'TLSv1.2' ? '' : ANSWER);
    for (const finished of finishedOf(read)) expect(finished).toBe('verified');
  });

  test('a missing line is named, and opens nothing of what it is for', () => {
    const { read } = decrypt(records, keyLog.replace(neededLine(kind), '# gone'));
    expect(dataOf(read, 'client-to-server')).toBe('');
    expect(read[first['client-to-server']]?.reading).toMatchObject(
      kind.version === 'TLSv1.2'
        ? {
            why: 'no-key',
            reason: expect.stringMatching(/^No line of the key log is for this connection/) as string,
          }
        : {
            why: 'no-secret',
            reason: 'The key log has no CLIENT_TRAFFIC_SECRET_0 for this connection.',
          },
    );
    expect(dataOf(read, 'server-to-client')).toBe(kind.version === 'TLSv1.2' ? '' : ANSWER);
  });
});

/** The line that the client's data depends on. */
function neededLine({ version }: Kind): RegExp {
  return version === 'TLSv1.2' ? /^CLIENT_RANDOM .*$/m : /^CLIENT_TRAFFIC_SECRET_0 .*$/m;
}

function otherDigit(digit = ''): string {
  return digit === '0' ? '1' : '0';
}

function withFlipped(records: readonly VectorChunk[], index: number, at: number): readonly VectorChunk[] {
  return records.map((record, place) => {
    if (place !== index) return record;
    const bytes = Uint8Array.from(record.bytes);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return { ...record, bytes };
  });
}

type Read = ReturnType<typeof decrypt>['read'];

function sealedOnes(read: Read) {
  return read.filter(({ reading }) => reading.state === 'sealed');
}

function finishedOf(read: Read) {
  return read.flatMap(({ reading }) =>
    reading.state === 'sealed' ? [] : reading.handshake.flatMap(({ finished }) => finished ?? []),
  );
}
