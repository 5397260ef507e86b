import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TlsOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Direction, isWireEvent, type LogEvent, type ToldEvent } from '#contract';
import { Connections } from '#folds/connections.ts';
import { Ledger } from '#folds/ledger/ledger.ts';
import { captureFile } from '../../../../proxy/pcapng/capture-file.ts';
import { type Identity, opensslServer, selfSigned } from '../../../support/own-servers.ts';
import { hasTool } from '../../../support/tools.ts';
import { isTsharkMissing, tshark, tsharkFields } from '../../../support/tshark.ts';
import { readVector, streamOf } from '../../../vectors/vector.ts';
import { captured, textChunk, type Passed } from '../../dissect/captured.ts';
import { type Conversation, converseTimes, tap } from '../../keys/tap.ts';

const SAID = 'POST /login HTTP/1.1\r\nHost: own.test\r\nContent-Length: 2\r\n\r\nhi';
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

let folder = '';
let files: Identity = { key: '', certificate: '' };
let identity: { key: Buffer; cert: Buffer } | undefined;
const missing = !hasTool('openssl');

beforeAll(() => {
  if (missing) return;
  folder = mkdtempSync(join(tmpdir(), 'plainsight-test-'));
  files = selfSigned(folder, 'rsa:2048');
  identity = { key: readFileSync(files.key), cert: readFileSync(files.certificate) };
});
afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true });
});

function ledgerOf(events: readonly LogEvent[]): Ledger {
  const connections = new Connections();
  const ledger = new Ledger(connections);
  for (const event of events) {
    if (isWireEvent(event)) connections.apply(event);
    else ledger.apply(event);
  }
  return ledger;
}

function told(event: DistributiveOmit<ToldEvent, 'epoch' | 'seq' | 'time'>): ToldEvent {
  return { ...event, epoch: 1000, seq: 900, time: 900 };
}
type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

/** Two connections of Node's, the second with the session of the first. */
async function twice(server: TlsOptions, client: ConnectionOptions = {}): Promise<readonly Conversation[]> {
  const options = (session: Buffer | undefined) => ({ ...client, ...(session ? { session } : {}) });
  return converseTimes(2, { ...identity, ...server }, options, SAID, ANSWER);
}

function passed(conversations: readonly Conversation[]): readonly Passed[] {
  return conversations.map(({ chunks, keyLog }) => ({ chunks, keyLog, port: 443 }));
}

/** Where the record with the client's Finished ends, by the headers alone: its handshake on the wire. */
function ccsAndHandshake(chunks: Conversation['chunks'], direction: Direction): number {
  const bytes = Buffer.concat(
    chunks.filter((chunk) => chunk.direction === direction).map((chunk) => chunk.bytes),
  );
  let sum = 0;
  for (let at = 0; at + 5 <= bytes.length;) {
    const size = 5 + bytes.readUInt16BE(at + 3);
    if (bytes[at] === 22 || bytes[at] === 20) sum += size;
    at += size;
  }
  return sum;
}

describe.skipIf(missing)('two connections between Node ends', () => {
  test('TLS 1.3 is resumed with a PSK and a fresh exchange: a shorter handshake, and no secret that was there before', async () => {
    const both = { minVersion: 'TLSv1.3' } as const;
    const rows = ledgerOf(captured(passed(await twice(both, both)))).rows();
    expect(rows.map(({ began, version, suite, group }) => [began, version, suite, group])).toEqual([
      ['full', 'TLS 1.3', 'TLS_AES_256_GCM_SHA384', 'x25519'],
      ['PSK with (EC)DHE', 'TLS 1.3', 'TLS_AES_256_GCM_SHA384', 'x25519'],
    ]);
    const [full, resumed] = rows.map(({ handshakeBytes }) => handshakeBytes['server-to-client']);
    expect(full).toBeGreaterThan(1000);
    expect(resumed).toBeLessThan((full ?? 0) / 2);
    expect(rows[0]?.secrets.map(({ label }) => label).sort()).toEqual([
      'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
      'CLIENT_TRAFFIC_SECRET_0',
      'EXPORTER_SECRET',
      'SERVER_HANDSHAKE_TRAFFIC_SECRET',
      'SERVER_TRAFFIC_SECRET_0',
    ]);
    expect(rows.flatMap(({ secrets }) => secrets.flatMap(({ sharedWith }) => sharedWith))).toEqual([]);
  });

  test('TLS 1.2 is resumed with a ticket: the same master secret, to be seen in both rows', async () => {
    const both = { maxVersion: 'TLSv1.2' } as const;
    const conversations = await twice(both, both);
    const rows = ledgerOf(captured(passed(conversations))).rows();
    expect(rows.map((row) => [row.began, row.version, row.group])).toEqual([
      ['full', 'TLS 1.2', 'x25519'],
      ['resumed with a ticket', 'TLS 1.2', undefined],
    ]);
    expect(rows[0]?.tickets).toEqual({ source: 'captured', count: 1 });
    const [first, second] = rows.map(({ secrets }) => secrets);
    expect(first).toHaveLength(1);
    expect(first?.[0]?.fingerprint).toBe(second?.[0]?.fingerprint);
    expect([first?.[0]?.sharedWith, second?.[0]?.sharedWith]).toEqual([[2], [1]]);
    for (const [index, { chunks }] of conversations.entries())
      expect(rows[index]?.handshakeBytes).toEqual({
        'client-to-server': ccsAndHandshake(chunks, 'client-to-server'),
        'server-to-client': ccsAndHandshake(chunks, 'server-to-client'),
      });
  });

  test('without public values exchanged there is no group; finite-field ones say how long they are', async () => {
    const rsa = { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' } as const;
    expect(ledgerOf(captured(passed(await twice(rsa, rsa)))).rows()[0]).toMatchObject({
      ...{ began: 'full', suite: 'TLS_RSA_WITH_AES_128_GCM_SHA256' },
    });
    expect(ledgerOf(captured(passed(await twice(rsa, rsa)))).rows()[0]).not.toHaveProperty('group');
    const dhe = { maxVersion: 'TLSv1.2', ciphers: 'DHE-RSA-AES128-GCM-SHA256', dhparam: 'auto' } as const;
    const [row] = ledgerOf(captured(passed(await twice(dhe, dhe)))).rows();
    expect(row?.group).toMatch(/^finite field, (2048|3072) bits$/);
  });

  test.skipIf(isTsharkMissing)(
    'tickets of TLS 1.3 are sealed until the keys are lent; then they are counted as tshark counts them',
    async () => {
      const both = { minVersion: 'TLSv1.3' } as const;
      const conversations = await twice(both, both);
      const events = captured(passed(conversations));
      const ledger = ledgerOf(events);
      expect(ledger.rows()[0]?.tickets).toEqual({ source: 'sealed' });
      const [file, keys] = [join(folder, 'tickets.pcapng'), join(folder, 'tickets.keys')];
      writeFileSync(file, Buffer.concat([...captureFile(events)]));
      writeFileSync(keys, conversations.map(({ keyLog }) => keyLog).join(''));
      const fields = ['-T', 'fields', '-e', 'tcp.stream', '-e', 'tls.handshake.type'];
      const printed = await tshark(
        file,
        '-o',
        `tls.keylog_file:${keys}`,
        '-Y',
        'tls.handshake.type == 4',
        ...fields,
      );
      const counted = [0, 0];
      for (const row of printed.split('\n')) {
        const [stream = '', types = ''] = row.split('\t');
        if (stream !== '')
          counted[Number(stream)] =
            (counted[Number(stream)] ?? 0) + types.split(',').filter((type) => type === '4').length;
      }
      const source = 'decrypted with a lent key';
      expect(ledger.rows(true).map(({ tickets }) => tickets)).toEqual(
        counted.map((count) => ({ source, count })),
      );
      expect(counted[0]).toBe(2);
      expect(ledger.rows()[0]?.tickets).toEqual({ source: 'sealed' });
    },
  );

  test('TLS 1.2 is resumed with a session ID where the site gives no tickets', async () => {
    const server = await opensslServer('own.test', files, '-no_ticket', '-tls1_2');
    const between = await tap(server.port);
    let session: Buffer | undefined;
    for (let time = 0; time < 2; time++) {
      const place = {
        port: between.port,
        host: '127.0.0.1',
        servername: 'own.test',
        rejectUnauthorized: false,
      };
      const client = connect({ ...place, maxVersion: 'TLSv1.2', ...(session ? { session } : {}) });
      client.on('session', (fresh: Buffer) => (session = fresh));
      client.on('error', () => undefined);
      client.write('GET / HTTP/1.0\r\n\r\n');
      client.resume();
      await once(client, 'close');
    }
    await between.close();
    await server.close();
    const rows = ledgerOf(captured(between.connections.map((chunks) => ({ chunks, port: 443 })))).rows();
    expect(rows.map(({ began, group, tickets }) => [began, group, tickets])).toEqual([
      ['full', 'x25519', { source: 'captured', count: 0 }],
      ['resumed with a session ID', undefined, { source: 'captured', count: 0 }],
    ]);
  });

  test.skipIf(isTsharkMissing)('tshark reads the same version, suite and group', async () => {
    const suites = [
      { minVersion: 'TLSv1.3', ciphers: 'TLS_CHACHA20_POLY1305_SHA256', ecdhCurve: 'P-384' },
      { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256', ecdhCurve: 'P-256' },
    ] as const;
    for (const [index, both] of suites.entries()) {
      const events = captured(passed(await twice(both, both)).slice(0, 1));
      const [row] = ledgerOf(events).rows();
      const file = join(folder, `ledger-${String(index)}.pcapng`);
      writeFileSync(file, Buffer.concat([...captureFile(events)]));
      const [fields] = await tsharkFields(
        file,
        'tls.handshake.type == 2',
        ...['tls.handshake.ciphersuite', 'tls.handshake.extensions_key_share_group'],
      );
      const [curve] = await tsharkFields(
        file,
        'tls.handshake.type == 12',
        'tls.handshake.server_named_curve',
      );
      const groups: Record<string, number> = { secp384r1: 24, secp256r1: 23 };
      const suite: Record<string, number> = {
        TLS_CHACHA20_POLY1305_SHA256: 0x1303,
        TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 0xc02f,
      };
      expect(suite[row?.suite ?? '']).toBe(Number(fields?.[0]));
      expect(groups[row?.group ?? '']).toBe(Number(fields?.[1] === '' ? curve?.[0] : fields?.[1]));
    }
  });
});

test('a site that asks for another ClientHello is noted, with the group that was settled in the end', () => {
  const [row] = ledgerOf(captured([{ port: 443, chunks: readVector('tls13-retry').chunks }])).rows();
  expect(row).toMatchObject({ retried: true, group: 'secp384r1', began: 'full', version: 'TLS 1.3' });
});

test('a client that answers the flight of the site with a sealed alert has no keys in use', () => {
  const { chunks } = readVector('tls13-login');
  const flight = chunks.slice(0, 2);
  expect(flight.map(({ direction }) => direction)).toEqual(['client-to-server', 'server-to-client']);
  const alert = Uint8Array.from([23, 3, 3, 0, 19, ...new Uint8Array(19)]);
  const left = [...flight, { direction: 'client-to-server' as const, bytes: alert }];
  expect(ledgerOf(captured([{ chunks: left, port: 443 }])).rows()[0]?.began).toBe('broken off');
});

test('RFC 8448: a resumption is told by its ServerHello, not by its offer', () => {
  const chunks = readVector('rfc8448-resumption').chunks;
  const [row] = ledgerOf(captured([{ port: 443, chunks }])).rows();
  expect(row?.began).toBe('broken off');
});

describe('what the ends tell', () => {
  const { chunks } = readVector('tls13-login');
  const random = Buffer.from(
    streamOf(readVector('tls13-login'), 'client-to-server').subarray(11, 43),
  ).toString('hex');
  const secret = 'ab'.repeat(32);
  const line = (value: string, label = 'CLIENT_TRAFFIC_SECRET_0') => `${label} ${random} ${value}`;
  const logged = (vantage: 'victim' | 'site', text: string) =>
    told({ type: 'secrets-logged', vantage, line: text });

  test('both told the same: one mark with both names, found by the client random alone', () => {
    const ledger = ledgerOf(captured([{ chunks, port: 443 }]));
    ledger.apply(logged('victim', line(secret)));
    ledger.apply(logged('site', line(secret.toUpperCase())));
    // printf ab%.0s {1..32} | xxd -r -p | sha256sum
    expect(ledger.rows()[0]?.secrets).toEqual([
      {
        label: 'CLIENT_TRAFFIC_SECRET_0',
        fingerprint: '9a2db2e2',
        toldBy: ['victim', 'site'],
        sharedWith: [],
      },
    ]);
  });

  test('ends that contradict each other have a mark each', () => {
    const ledger = ledgerOf(captured([{ chunks, port: 443 }]));
    ledger.apply(logged('victim', line(secret)));
    ledger.apply(logged('site', line('cd'.repeat(32))));
    const [row] = ledger.rows();
    expect(row?.secrets.map(({ toldBy }) => toldBy)).toEqual([['victim'], ['site']]);
    expect(new Set(row?.secrets.map(({ fingerprint }) => fingerprint)).size).toBe(2);
  });

  test('no row repeats a secret', () => {
    const ledger = ledgerOf(captured([{ chunks, port: 443 }]));
    ledger.apply(logged('victim', line(secret)));
    expect(JSON.stringify(ledger.rows(true))).not.toContain(secret.slice(0, 8));
  });

  test('lines of others and broken lines mark nothing', () => {
    const ledger = ledgerOf(captured([{ chunks, port: 443 }]));
    ledger.apply(logged('victim', `CLIENT_TRAFFIC_SECRET_0 ${'00'.repeat(32)} ${secret}`));
    ledger.apply(logged('victim', line('abcd')));
    ledger.apply(logged('victim', '# nothing'));
    expect(ledger.rows()[0]?.secrets).toEqual([]);
  });

  test('requests are counted by the connection that carried them, and a failure ends the handshake', () => {
    const ledger = ledgerOf(
      captured([
        { chunks, port: 443 },
        { chunks: chunks.slice(0, 1), port: 443 },
      ]),
    );
    const handled = {
      type: 'request-handled',
      vantage: 'site',
      method: 'GET',
      path: '/',
      status: 200,
    } as const;
    for (const count of [1, 2]) ledger.apply(told({ ...handled, connection: 1, count }));
    ledger.apply(told({ ...handled, count: 3 }));
    const failed = { type: 'handshake-failed', connection: 2, message: 'no' } as const;
    ledger.apply(told({ ...failed, vantage: 'victim', code: 'CERT_HAS_EXPIRED' }));
    ledger.apply(told({ ...failed, vantage: 'site', code: 'ECONNRESET' }));
    expect(ledger.rows().map(({ requests, began, failure }) => [requests, began, failure])).toEqual([
      [2, 'full', undefined],
      [0, 'broken off', { code: 'CERT_HAS_EXPIRED', toldBy: 'victim' }],
    ]);
  });
});

describe('as a capture goes on', () => {
  const login = captured([{ chunks: readVector('tls13-login').chunks, port: 443 }]);

  test('a row tells how far the handshake is, and who ended the connection', () => {
    const connections = new Connections();
    const ledger = new Ledger(connections);
    const seen: string[] = [];
    for (const event of login) {
      if (isWireEvent(event)) connections.apply(event);
      const row = ledger.rows()[0];
      if (row && seen.at(-1) !== row.began) seen.push(row.began);
      if (event.type !== 'connection-closed') expect(row?.ended).toBeUndefined();
    }
    expect(seen).toEqual(['under way', 'full']);
    expect(ledger.rows()[0]?.ended).toMatchObject({ by: 'client', how: 'end' });
  });

  test('a row that did not change is the same object; one that did is another', () => {
    const ledger = ledgerOf(login);
    const [row] = ledger.rows();
    expect(ledger.rows()[0]).toBe(row);
    ledger.apply(
      told({
        ...{ type: 'request-handled', vantage: 'site', method: 'GET', path: '/', status: 200 },
        connection: 1,
        count: 1,
      }),
    );
    expect(ledger.rows()[0]).not.toBe(row);
  });

  test('HTTP has no row: such connections are counted', () => {
    const http = { port: 80, chunks: [textChunk('client-to-server', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')] };
    const ledger = ledgerOf(captured([http, { chunks: readVector('tls13-login').chunks, port: 443 }, http]));
    expect(ledger.rows().map(({ connection }) => connection)).toEqual([2]);
    expect(ledger.withoutKeys()).toBe(2);
  });

  test('the newest 500 connections have a row', () => {
    const { chunks } = readVector('rfc8448-hellos');
    const many = Array.from({ length: 510 }, () => ({ chunks, port: 443 }));
    const rows = ledgerOf(captured(many)).rows();
    expect([rows.length, rows[0]?.connection, rows.at(-1)?.connection]).toEqual([500, 11, 510]);
  });

  test('a connection of which the log dropped the hellos says so, and one that was read before keeps what it said', () => {
    const connections = new Connections();
    for (const event of login) if (isWireEvent(event)) connections.apply(event);
    const before = new Ledger(connections);
    expect(before.rows()[0]?.began).toBe('full');
    for (const [direction, to] of [
      ['client-to-server', 400],
      ['server-to-client', 200],
    ] as const)
      connections.apply({
        ...{ epoch: 1000, seq: 99, time: 99, vantage: 'wire', type: 'bytes-evicted', connection: 1 },
        ...{ direction, from: 0, to },
      });
    expect(before.rows()[0]?.began).toBe('full');
    expect(new Ledger(connections).rows()[0]?.began).toBe('not seen');
  });
});
