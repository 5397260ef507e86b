import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFields } from '#dissectors/byte-reader.ts';
import type { Field } from '#dissectors/field.ts';
import { explainRecord } from '#dissectors/tls/explain.ts';
import { hex } from '#dissectors/text.ts';
import express from 'express';
import { afterEach, describe, expect, test } from 'vitest';
import { CaptureLog } from '../../../proxy/capture/log.ts';
import { fingerprintRouter } from '../../../proxy/feed/fingerprint-api.ts';
import { fingerprintOf } from '../../../proxy/feed/fingerprint.ts';
import { isTsharkMissing, tsharkFields } from '../../support/tshark.ts';
import { readVector, streamOf } from '../../vectors/vector.ts';

const HELLOS = ['chromium-hello', 'tls13-login', 'tls12-login', 'rfc8448-hellos', 'rfc8448-resumption'];

/** The first record of a client, which holds its hello. */
function hello(name: string): Uint8Array {
  const bytes = streamOf(readVector(name), 'client-to-server');
  return bytes.subarray(0, 5 + (bytes[3] ?? 0) * 256 + (bytes[4] ?? 0));
}

function inRecordsOf(size: number, record: Uint8Array): Uint8Array {
  const content = Buffer.from(record.subarray(5));
  const records: Buffer[] = [];
  for (let at = 0; at < content.length; at += size) {
    const piece = content.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, piece.length >> 8, piece.length & 255]), piece);
  }
  return Buffer.concat(records);
}

const isGrease = (value: number) => (value & 0x0f0f) === 0x0a0a;

/** JA4 (FoxIO, "JA4: TLS Client Fingerprinting") worked out from our own fields. */
function ja4(field: Field): string {
  const values = (name: string) => findFields(field, name).map(({ value }) => Number(value));
  const fourDigits = (value: number) => value.toString(16).padStart(4, '0');
  const sha = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12);
  const suites = values('tls.handshake.ciphersuite').filter((value) => !isGrease(value));
  const extensions = values('tls.handshake.extension.type').filter((value) => !isGrease(value));
  const newest = Math.max(
    ...values('tls.handshake.extensions.supported_version').filter((value) => !isGrease(value)),
    Number(findFields(field, 'tls.handshake.version')[0]?.value),
  );
  const alpn = String(findFields(field, 'tls.handshake.extensions_alpn_str')[0]?.value ?? '00');
  const named = findFields(field, 'tls.handshake.extensions_server_name').length > 0;
  const count = (list: readonly number[]) => String(list.length).padStart(2, '0');
  const first = `t${newest === 0x0304 ? '13' : '12'}${named ? 'd' : 'i'}${count(suites)}${count(extensions)}`;
  const schemes = findFields(field, 'plainsight.tls.signature_algorithms').flatMap((list) =>
    findFields(list, 'tls.handshake.sig_hash_alg')
      .map(({ value }) => Number(value))
      .filter((value) => !isGrease(value))
      .map(fourDigits),
  );
  const sorted = extensions
    .filter((type) => type !== 0 && type !== 16)
    .map(fourDigits)
    .sort();
  return [
    `${first}${alpn.slice(0, 1)}${alpn.slice(-1)}`,
    sha(suites.map(fourDigits).sort().join(',')),
    sha([sorted.join(','), ...(schemes.length > 0 ? [schemes.join(',')] : [])].join('_')),
  ].join('_');
}

describe('a fingerprint', () => {
  test.each(HELLOS)('of %s has the JA4 that its fields make up', async (name) => {
    const field = explainRecord(hello(name), { sealed: false, carriedOver: 0 });
    expect((await fingerprintOf(hello(name)))?.ja4).toBe(ja4(field));
  });

  test.skipIf(isTsharkMissing).each(HELLOS)('of %s has the JA3 that tshark computes', async (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'plainsight-ja3-'));
    try {
      const text = `000000 ${hex(hello(name)).replaceAll(/../g, '$& ')}\n`;
      writeFileSync(join(folder, 'hello.txt'), text);
      const file = join(folder, 'hello.pcap');
      const addresses = ['-4', '10.0.0.1,10.0.0.2', '-T', '50000,443'];
      execFileSync('text2pcap', [...addresses, join(folder, 'hello.txt'), file], { stdio: 'pipe' });
      const [row] = await tsharkFields(file, 'tls.handshake.ja3', 'tls.handshake.ja3');
      expect((await fingerprintOf(hello(name)))?.ja3).toBe(row?.[0]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each([1, 3, 100, 512])('is the same when the hello comes in records of %i bytes', async (size) => {
    const whole = await fingerprintOf(hello('chromium-hello'));
    expect(whole?.ja4).toMatch(/^t13d\d{4}h2_[0-9a-f]{12}_[0-9a-f]{12}$/);
    expect(await fingerprintOf(inRecordsOf(size, hello('chromium-hello')))).toEqual(whole);
  });

  test('is had of a hello without extensions', async () => {
    const body = [3, 1, ...new Uint8Array(32), 0, 0, 2, 0, 0x2f, 1, 0];
    const bytes = Uint8Array.from([22, 3, 1, 0, body.length + 4, 1, 0, 0, body.length, ...body]);
    const ja3 = createHash('md5').update('769,47,,,').digest('hex');
    expect(await fingerprintOf(bytes)).toEqual({ ja3, ja4: expect.stringMatching(/^t10i010000_/) as string });
  });

  test('is not had of a hello cut off anywhere, nor of one with a length that lies', async () => {
    const bytes = hello('rfc8448-hellos');
    for (let end = 0; end < bytes.length; end++)
      expect(await fingerprintOf(bytes.subarray(0, end))).toBeUndefined();
    for (let at = 43; at < bytes.length; at++) {
      const lying = bytes.slice();
      lying[at] = 0xff;
      const answer = await fingerprintOf(lying);
      expect(answer === undefined || /^[0-9a-f]{32}$/.test(answer.ja3)).toBe(true);
    }
  });

  test('is not had of what is no hello', async () => {
    expect(await fingerprintOf(new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n'))).toBeUndefined();
    expect(await fingerprintOf(streamOf(readVector('rfc8448-hellos'), 'server-to-client'))).toBeUndefined();
  });
});

describe('GET /connections/N/fingerprint', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  async function ask(log: CaptureLog, id: string): Promise<{ status: number; body: unknown }> {
    server = express().use(fingerprintRouter(log)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/connections/${id}/fingerprint`);
    return { status: answer.status, body: await answer.json() };
  }

  /** A log of connection 1, to which the client sent these bytes in these pieces. */
  function logOf(bytes: Uint8Array, size = 700): CaptureLog {
    const log = new CaptureLog();
    log.begin({ routes: [] });
    const wire = { vantage: 'wire', hop: 'cafe', connection: 1 } as const;
    log.append({
      ...{ ...wire, type: 'connection-opened', transport: 'tcp', opener: 'other' },
      client: { address: '127.0.0.1', port: 50_000 },
      server: { name: 'piggypay.test', address: '127.0.0.1', port: 443 },
    });
    for (let offset = 0; offset < bytes.length; offset += size) {
      const piece = log.segments.store(bytes.subarray(offset, offset + size));
      log.append({ ...wire, type: 'bytes-captured', direction: 'client-to-server', offset, bytes: piece });
    }
    return log;
  }

  test('answers with what the log holds of the hello', async () => {
    const { status, body } = await ask(logOf(hello('chromium-hello')), '1');
    expect(status).toBe(200);
    expect(body).toEqual(await fingerprintOf(hello('chromium-hello')));
  });

  test.each([
    ['a connection that there is not', '7', 'no-such-connection'],
    ['what is no number', 'x', 'no-such-connection'],
    ['a connection without a hello', '1', 'no-client-hello'],
  ])('says so of %s', async (_case, id, code) => {
    const { status, body } = await ask(logOf(new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n')), id);
    expect(status).toBe(404);
    expect(body).toMatchObject({ error: { code } });
  });
});
