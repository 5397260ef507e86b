import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { captureFile } from '../../../proxy/pcapng/capture-file.ts';
import { selfSigned } from '../../support/own-servers.ts';
import { hasTool } from '../../support/tools.ts';
import { isTsharkMissing, tshark } from '../../support/tshark.ts';
import { captured } from '../dissect/captured.ts';
import { converse, dataOf, decrypt, recordsOf } from './tap.ts';

const SAID = 'POST /login HTTP/1.1\r\nHost: own.test\r\nContent-Length: 2\r\n\r\nhi';
const ANSWER = `HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n${'b'.repeat(20_000)}`;
const NO_ENCRYPT_THEN_MAC = 1 << 19;

let folder = '';
let identity: { key: Buffer; cert: Buffer } | undefined;
const missing = isTsharkMissing || !hasTool('openssl');

beforeAll(() => {
  if (missing) return;
  folder = mkdtempSync(join(tmpdir(), 'plainsight-test-'));
  const { key, certificate } = selfSigned(folder, 'rsa:2048');
  identity = { key: readFileSync(key), cert: readFileSync(certificate) };
});
afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true });
});

describe.skipIf(missing)('tshark decrypts the same bytes to the same', () => {
  test.each([
    ['TLSv1.3', 'TLS_AES_128_GCM_SHA256', 0],
    ['TLSv1.3', 'TLS_AES_256_GCM_SHA384', 0],
    ['TLSv1.3', 'TLS_CHACHA20_POLY1305_SHA256', 0],
    ['TLSv1.2', 'ECDHE-RSA-AES128-GCM-SHA256', 0],
    ['TLSv1.2', 'ECDHE-RSA-CHACHA20-POLY1305', 0],
    ['TLSv1.2', 'ECDHE-RSA-AES128-SHA256', 0],
    ['TLSv1.2', 'ECDHE-RSA-AES128-SHA256', NO_ENCRYPT_THEN_MAC],
    ['TLSv1.2', 'AES128-GCM-SHA256', 0],
  ] as const)('%s %s, options %d', async (version, ciphers, secureOptions) => {
    const both: TlsOptions & ConnectionOptions = {
      minVersion: version,
      maxVersion: version,
      ciphers,
      secureOptions,
    };
    const { chunks, keyLog } = await converse({ ...identity, ...both }, both, SAID, ANSWER);
    const file = join(folder, 'capture.pcapng');
    const keys = join(folder, 'keys.txt');
    writeFileSync(file, Buffer.concat([...captureFile(captured([{ chunks, port: 443 }]))]));
    writeFileSync(keys, keyLog);
    const lent = ['-o', `tls.keylog_file:${keys}`];
    const followed = (await tshark(file, ...lent, '-q', '-z', 'follow,tls,raw,0')).split('\n');
    const side = (indented: boolean) => {
      const lines = followed.filter(
        (line) => /^\t?[0-9a-f]+$/.test(line) && line.startsWith('\t') === indented,
      );
      return Buffer.from(lines.join('').replaceAll('\t', ''), 'hex').toString('latin1');
    };
    const { read } = decrypt(recordsOf(chunks), keyLog);
    const ours = [dataOf(read, 'client-to-server'), dataOf(read, 'server-to-client')];
    expect(ours).toEqual([SAID, ANSWER]);
    // Which side it indents depends on which spoke first under the keys: in TLS 1.3 that is the server.
    expect([side(false), side(true)].sort()).toEqual([...ours].sort());

    // Handshake types and alerts, in clear and decrypted, one for one.
    const fields = await tshark(file, ...lent, '-Y', 'tls', '-T', 'fields', '-e', 'tls.handshake.type');
    const theirs = fields.split('\n').flatMap((line) => line.split(',').filter((type) => type !== ''));
    const types = read.flatMap(({ reading }) =>
      reading.state === 'sealed' ? [] : reading.handshake.map(({ bytes }) => String(bytes[0])),
    );
    expect([...types].sort()).toEqual([...theirs].sort());
  });
});
