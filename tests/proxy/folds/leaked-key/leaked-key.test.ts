import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TlsOptions } from 'node:tls';
import type { LogEvent } from '#contract';
import { beforeAll, describe, expect, test } from 'vitest';
import { opensslServer } from '../../../support/own-servers.ts';
import { hasTool } from '../../../support/tools.ts';
import { captured } from '../../dissect/captured.ts';
import type { VectorChunk } from '../../../vectors/vector.ts';
import { converse, converseTimes, type Conversation, tap } from '../../keys/tap.ts';
import {
  ANSWER,
  foldOf,
  freshIdentity,
  leaked,
  PASSWORD,
  SAID,
  stepOf,
  type KeyAndCertificate,
} from './leaking.ts';

const ONLY_12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
const STATIC: TlsOptions & ConnectionOptions = { ...ONLY_12, ciphers: 'AES128-GCM-SHA256' };
const NO_EXTENDED_MASTER_SECRET = 1;
const NO_ENCRYPT_THEN_MAC = 1 << 19;

const missing = !hasTool('openssl');
let rsa: KeyAndCertificate;
let ec: KeyAndCertificate;

beforeAll(() => {
  if (missing) return;
  rsa = freshIdentity('rsa:2048');
  ec = freshIdentity('ec');
});

/** A capture of these, without any key log unless told. */
function capture(conversations: readonly Conversation[], withKeyLog = false): readonly LogEvent[] {
  return captured(
    conversations.map(({ chunks, keyLog }) => ({ chunks, port: 443, ...(withKeyLog ? { keyLog } : {}) })),
  );
}

async function said(
  identity: KeyAndCertificate,
  options: TlsOptions & ConnectionOptions,
): Promise<Conversation> {
  return converse({ ...identity, ...options }, options, SAID, ANSWER);
}

/** Two requests to an OpenSSL server that remembers sessions and hands out no tickets, as Node's does not. */
async function visitTwiceById(): Promise<readonly (readonly VectorChunk[])[]> {
  const folder = mkdtempSync(join(tmpdir(), 'plainsight-test-'));
  const files = { key: join(folder, 'key.pem'), certificate: join(folder, 'certificate.pem') };
  writeFileSync(files.key, rsa.key);
  writeFileSync(files.certificate, rsa.cert);
  const flags = ['-no_ticket', '-tls1_2', '-cipher', 'AES128-GCM-SHA256'];
  const server = await opensslServer('own.test', files, ...flags);
  const between = await tap(server.port);
  try {
    let session: Buffer | undefined;
    for (let visit = 0; visit < 2; visit++) {
      const options = { ...STATIC, rejectUnauthorized: false, ...(session ? { session } : {}) };
      const client = connect({ ...options, port: between.port, host: '127.0.0.1' });
      client.on('session', (fresh: Buffer) => (session = fresh));
      client.on('secureConnect', () => client.end('GET / HTTP/1.0\r\n\r\n'));
      client.resume();
      await once(client, 'close');
    }
    return between.connections;
  } finally {
    await between.close();
    await server.close();
    rmSync(folder, { recursive: true });
  }
}

describe.skipIf(missing)('a stolen RSA key', () => {
  test.each([
    ['AES128-GCM-SHA256', 0, 'RFC 7627, 4'],
    ['AES256-GCM-SHA384', 0, 'RFC 7627, 4'],
    ['AES128-SHA', 0, 'RFC 7627, 4'],
    ['AES256-SHA256', NO_ENCRYPT_THEN_MAC, 'RFC 7627, 4'],
    ['AES128-GCM-SHA256', NO_EXTENDED_MASTER_SECRET, 'RFC 5246, 8.1'],
    ['AES256-GCM-SHA384', NO_EXTENDED_MASTER_SECRET, 'RFC 5246, 8.1'],
  ])(
    'opens a session of static RSA with no key log at all: %s, options %i',
    async (ciphers, secureOptions, rfc) => {
      const events = leaked(capture([await said(rsa, { ...ONLY_12, ciphers, secureOptions })]), rsa);
      expect(events.map(({ type }) => type)).not.toContain('secrets-logged');
      const [found, ...more] = foldOf(events).cases();
      expect(more).toEqual([]);
      expect(found).toMatchObject({
        host: 'own.test',
        exchange: 'static RSA',
        key: 'RSA, 2048 bits',
        sealed: 0,
      });
      expect(found?.opened).toBeGreaterThanOrEqual(4);
      expect(found?.steps.map(({ state }) => state)).toEqual(Array.from({ length: 7 }, () => 'done'));
      expect(Buffer.from(found?.login?.bytes ?? []).toString()).toBe(SAID);
      expect(stepOf(found, 'master')).toMatchObject({ rfc });
      expect(stepOf(found, 'key')).toMatchObject({
        source: 'leaked by the site',
        comparedWith: { what: 'the certificate', source: 'captured' },
      });
      expect(stepOf(found, 'pre-master').value).toHaveLength(48);
      expect(stepOf(found, 'key-log').says).toContain('None was needed');
      expect(found).not.toHaveProperty('agreesWithKeyLog');
    },
  );

  test('shows where the encrypted secret lies on the wire', async () => {
    const events = leaked(capture([await said(rsa, STATIC)]), rsa);
    const [found] = foldOf(events).cases();
    const { value, places } = stepOf(found, 'exchange');
    const [place] = places ?? [];
    expect(value).toHaveLength(256);
    const sent = Buffer.concat(
      events.flatMap((event) =>
        event.type === 'bytes-captured' && event.direction === 'client-to-server' ? [event.bytes] : [],
      ),
    );
    // Behind the header of the message and the length of the secret.
    expect(sent.subarray((place?.start ?? 0) + 6, place?.end)).toEqual(Buffer.from(value ?? []));
  });

  test('comes to the same master secret as the key log, where an end told it, and says when it does not', async () => {
    const conversation = await said(rsa, STATIC);
    const [found] = foldOf(leaked(capture([conversation], true), rsa)).cases();
    expect(found?.agreesWithKeyLog).toBe(true);
    const keyLog = conversation.keyLog.replace(/.{4}\s*$/, 'beef');
    const [other] = foldOf(leaked(capture([{ ...conversation, keyLog }], true), rsa)).cases();
    expect(other).toMatchObject({ agreesWithKeyLog: false, sealed: 0 });
    expect(stepOf(other, 'key-log').state).toBe('stops');
  });

  test('opens a session taken up by ticket, where its first one was captured', async () => {
    const conversations = await converseTimes(
      2,
      { ...rsa, ...STATIC },
      (session) => ({ ...STATIC, ...(session ? { session } : {}) }),
      SAID,
      ANSWER,
    );
    const [first, second] = foldOf(leaked(capture(conversations), rsa)).cases();
    expect(first).toMatchObject({ exchange: 'static RSA', sealed: 0 });
    expect(second).toMatchObject({ exchange: 'resumption', sealed: 0 });
    expect(stepOf(second, 'exchange').says).toContain('connection 1');
    expect(Buffer.from(second?.login?.bytes ?? []).toString()).toBe(SAID);
    const [alone] = foldOf(leaked(capture(conversations.slice(1)), rsa)).cases();
    expect(alone).toMatchObject({ exchange: 'resumption', opened: 0 });
    expect(stepOf(alone, 'exchange')).toMatchObject({ state: 'stops' });
  });

  test('opens a session taken up by its ID, where its first one was captured', async () => {
    const chunks = await visitTwiceById();
    const [first, second] = foldOf(
      leaked(captured(chunks.map((each) => ({ chunks: each, port: 443 }))), rsa),
    ).cases();
    expect(first).toMatchObject({ exchange: 'static RSA', sealed: 0 });
    expect(second).toMatchObject({ exchange: 'resumption', sealed: 0 });
    expect(second?.opened).toBeGreaterThanOrEqual(4);
  });

  test('that belongs to another certificate opens nothing and says why', async () => {
    const events = capture([await said(rsa, STATIC)]);
    const [found] = foldOf(leaked(events, freshIdentity('rsa:2048'))).cases();
    expect(found?.opened).toBe(0);
    expect(stepOf(found, 'key')).toMatchObject({ state: 'stops' });
    expect(stepOf(found, 'key').says).toContain('another key');
    expect(found?.steps.filter(({ state }) => state === 'done')).toEqual([]);
  });

  test('opens nothing once a bit of the ClientKeyExchange was flipped, and says what failed', async () => {
    const { chunks } = await said(rsa, STATIC);
    const changed = chunks.map(({ direction, bytes }, index) => {
      const isKeyExchange =
        direction === 'client-to-server' && index > 0 && bytes[0] === 22 && bytes[5] === 16;
      return {
        direction,
        bytes: isKeyExchange ? bytes.map((byte, at) => (at === 100 ? byte ^ 1 : byte)) : bytes,
      };
    });
    expect(changed).not.toEqual(chunks);
    const [found] = foldOf(leaked(captured([{ chunks: changed, port: 443 }]), rsa)).cases();
    expect(found?.opened).toBe(0);
    expect(stepOf(found, 'pre-master')).toMatchObject({ state: 'stops' });
    expect(stepOf(found, 'pre-master').says).toContain('does not decrypt');
    expect(stepOf(found, 'login').state).toBe('not-reached');
  });

  test('is told from that of another certificate of the same host, whichever got out last', async () => {
    const other = freshIdentity('rsa:2048');
    const events = capture([await said(rsa, STATIC), await said(other, STATIC)]);
    const [first, second] = foldOf(leaked(events, rsa)).cases();
    expect(first).toMatchObject({ sealed: 0 });
    expect(second).toMatchObject({ opened: 0 });
    expect(stepOf(second, 'key')).toMatchObject({
      state: 'stops',
      says: expect.stringContaining('that of another certificate of own.test') as string,
    });
    for (const both of [leaked(leaked(events, rsa), other), leaked(leaked(events, other), rsa)]) {
      const fold = foldOf(both);
      expect(fold.cases()).toMatchObject([{ sealed: 0 }, { sealed: 0 }]);
      expect(fold.keyLogLines()).toHaveLength(2);
    }
  });

  test('that is damaged, or none, stops at once', async () => {
    const events = leaked(capture([await said(rsa, STATIC)]), rsa);
    const broken = events.map((event) =>
      event.type === 'private-key-leaked' ? { ...event, key: event.key.subarray(0, 300) } : event,
    );
    const [found] = foldOf(broken).cases();
    expect(stepOf(found, 'key').says).toContain('no private key');
    expect(found?.opened).toBe(0);
  });
});

describe.skipIf(missing)('(EC)DHE', () => {
  test.each<[string, 'rsa' | 'ec', TlsOptions & ConnectionOptions, string]>([
    ['TLS 1.3, EC', 'ec', { minVersion: 'TLSv1.3' }, 'CertificateVerify'],
    ['TLS 1.3, RSA', 'rsa', { minVersion: 'TLSv1.3' }, 'CertificateVerify'],
    ['TLS 1.2, EC', 'ec', { ...ONLY_12, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }, 'ServerKeyExchange'],
    ['TLS 1.2, RSA', 'rsa', { ...ONLY_12, ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }, 'ServerKeyExchange'],
  ])(
    'is not opened by the certificate’s key, and the step where it ends says why: %s',
    async (_name, kind, options, signed) => {
      const identity = kind === 'ec' ? ec : rsa;
      const [found] = foldOf(leaked(capture([await said(identity, options)], true), identity)).cases();
      expect(found).toMatchObject({ exchange: '(EC)DHE', opened: 0 });
      expect(found?.sealed).toBeGreaterThanOrEqual(4);
      expect(found).not.toHaveProperty('login');
      expect(stepOf(found, 'exchange')).toMatchObject({ state: 'done', source: 'captured' });
      expect(stepOf(found, 'exchange').places).toHaveLength(2);
      expect(stepOf(found, 'pre-master')).toMatchObject({
        state: 'stops',
        says: expect.stringContaining(signed) as string,
      });
      expect(stepOf(found, 'records')).toMatchObject({
        says: `0 of ${found?.sealed} encrypted records opened.`,
      });
      for (const id of ['master', 'records', 'login', 'key-log'] as const)
        expect(stepOf(found, id).state).toBe('not-reached');
    },
  );

  test('keeps one session sealed where the same RSA key opens the other', async () => {
    const forward = { ...ONLY_12, ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' };
    const [open, sealed] = foldOf(
      leaked(capture([await said(rsa, STATIC), await said(rsa, forward)]), rsa),
    ).cases();
    expect(open).toMatchObject({ sealed: 0 });
    expect(sealed).toMatchObject({ opened: 0 });
    // The very same key, and it is that of the certificate both times.
    for (const each of [open, sealed]) expect(stepOf(each, 'key').state).toBe('done');
  });
});

describe.skipIf(missing)('the fold', () => {
  test('has no case before a key got out, and knows what was recorded until then', async () => {
    const events = capture([await said(rsa, STATIC)]);
    const before = foldOf(events);
    expect(before.cases()).toEqual([]);
    expect(before.sessions('own.test')).toEqual([1]);
    expect(before.hasLeaked('own.test')).toBe(false);
    expect(foldOf(leaked(events, rsa)).hasLeaked('own.test')).toBe(true);
    expect(foldOf(leaked(events, rsa, 'other.test')).cases()).toEqual([]);
  });

  test('gives the same object until something has changed', async () => {
    const own = await said(rsa, STATIC);
    const leaks = foldOf(leaked(capture([own]), rsa));
    const [first] = leaks.cases();
    expect(leaks.cases()[0]).toBe(first);
    const tell = (line: string) =>
      leaks.apply({
        ...{ epoch: 1000, seq: 99, time: 0, vantage: 'site', type: 'secrets-logged' },
        line,
      });
    tell(`CLIENT_RANDOM ${'ab'.repeat(32)} ${'cd'.repeat(48)}`);
    expect(leaks.cases()[0]).toBe(first);
    for (const line of own.keyLog.trim().split('\n')) tell(line);
    expect(leaks.cases()[0]).not.toBe(first);
    expect(leaks.cases()[0]).toMatchObject({ agreesWithKeyLog: true });
  });

  test('shows the newest hundred sessions of a host, and knows of all', async () => {
    const { chunks } = await said(rsa, STATIC);
    const events = captured(Array.from({ length: 102 }, () => ({ chunks, port: 443 })));
    const leaks = foldOf(leaked(events, rsa));
    const cases = leaks.cases();
    expect(cases).toHaveLength(100);
    expect([cases[0]?.connection, cases.at(-1)?.connection]).toEqual([3, 102]);
    expect(leaks.sessions('own.test')).toHaveLength(102);
    expect(leaks.keyLogLines()).toHaveLength(102);
  });

  test('takes no longer for each session that is taken up again, where none of them opens', async () => {
    const agreed = { ...ONLY_12, ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' };
    let kept: Buffer | undefined;
    const visits = await converseTimes(
      32,
      { ...rsa, ...agreed },
      (session) => {
        kept ??= session;
        return kept ? { ...agreed, session: kept } : agreed;
      },
      SAID,
      ANSWER,
    );
    const cases = foldOf(leaked(capture(visits), rsa)).cases();
    expect(cases.filter(({ exchange }) => exchange === 'resumption')).toHaveLength(31);
    expect(cases.every(({ opened }) => opened === 0)).toBe(true);
  });

  test('says that the password is there only where it is', async () => {
    const [found] = foldOf(leaked(capture([await said(rsa, STATIC)]), rsa)).cases();
    expect(Buffer.from(found?.login?.bytes ?? []).toString()).toContain(PASSWORD.replace(' ', '+'));
    const idle = 'GET / HTTP/1.1\r\nHost: own.test\r\n\r\n';
    const other = await converse({ ...rsa, ...STATIC }, STATIC, idle, ANSWER);
    const [none] = foldOf(leaked(capture([other]), rsa)).cases();
    expect(none).toMatchObject({ sealed: 0 });
    expect(none).not.toHaveProperty('login');
    expect(stepOf(none, 'login').says).toContain('No login');
  });
});
