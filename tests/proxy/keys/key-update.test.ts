import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { selfSigned } from '../../support/own-servers.ts';
import { hasTool } from '../../support/tools.ts';
import { dataOf, decrypt, recordsOf, tap } from './tap.ts';

const withoutOpenssl = !hasTool('openssl');
let folder = '';
let identity: { key: Buffer; cert: Buffer } | undefined;

beforeAll(() => {
  if (withoutOpenssl) return;
  folder = mkdtempSync(join(tmpdir(), 'plainsight-test-'));
  const { key, certificate } = selfSigned(folder, 'ec');
  identity = { key: readFileSync(key), cert: readFileSync(certificate) };
});
afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true });
});

test.skipIf(withoutOpenssl).each(['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384'])(
  'both ends change their keys in the middle, %s, twice: everything opens',
  async (suite) => {
    const server = createServer({ ...identity, minVersion: 'TLSv1.3', ciphers: suite }, (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (bytes: Buffer) => socket.write(`heard ${bytes.toString()}`));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const between = await tap((server.address() as AddressInfo).port);
    const keys = join(folder, `${suite}.txt`);
    const place = ['-connect', `127.0.0.1:${between.port}`, '-keylogfile', keys];
    const client = spawn('openssl', ['s_client', ...place, '-tls1_3']);
    let printed = '';
    let remarks = '';
    client.stdout.on('data', (bytes: Buffer) => (printed += bytes.toString()));
    client.stderr.on('data', (bytes: Buffer) => (remarks += bytes.toString()));
    const echoed = async (text: string) => {
      while (!printed.includes(text)) await once(client.stdout, 'data');
    };
    await echoed('---\n');
    for (const [index, word] of ['first', 'second', 'third'].entries()) {
      client.stdin.write(`${word}\n`);
      await echoed(`heard ${word}\n`);
      if (word === 'third') break;
      // Changes the client's keys and asks the server for the same; what is written in one piece with it is lost.
      client.stdin.write('K\n');
      while (remarks.split('KEYUPDATE').length < index + 2) await once(client.stderr, 'data');
    }
    const ended = once(client, 'close');
    client.stdin.end('Q\n');
    await ended;
    await between.close();
    server.close();

    const { read } = decrypt(recordsOf(between.connections[0] ?? []), readFileSync(keys, 'utf8'));
    expect(read.filter(({ reading }) => reading.state === 'sealed')).toEqual([]);
    const updates = read.flatMap(({ reading, direction }) =>
      reading.state === 'opened' && reading.handshake.some(({ bytes }) => bytes[0] === 24) ? [direction] : [],
    );
    expect(updates.filter((direction) => direction === 'client-to-server')).toHaveLength(2);
    expect(updates.filter((direction) => direction === 'server-to-client')).toHaveLength(2);
    expect(dataOf(read, 'client-to-server')).toBe('first\nsecond\nthird\n');
    expect(dataOf(read, 'server-to-client')).toBe('heard first\nheard second\nheard third\n');
  },
);
