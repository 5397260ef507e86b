import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Identity, opensslServer, selfSigned } from '../../../support/own-servers.ts';
import { hasTool } from '../../../support/tools.ts';
import { tap } from '../../keys/tap.ts';
import { verifies } from './independent.ts';
import { faultsOf, foldOf, hexOf, originOf, stepOf } from './origins.ts';

let folder = '';
let identity: Identity | undefined;
const withoutOpenssl = !hasTool('openssl');

beforeAll(() => {
  if (withoutOpenssl) return;
  folder = mkdtempSync(join(tmpdir(), 'plainsight-test-'));
  identity = selfSigned(folder, 'ec');
});
afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true });
});

/** `openssl` at both ends, and what its client prints of the session. */
async function say(...flags: readonly string[]) {
  if (!identity) throw new Error('no certificate');
  const server = await opensslServer('own.test', identity);
  const between = await tap(server.port);
  const keys = join(folder, `keys-${server.port}.txt`);
  const target = ['-connect', `127.0.0.1:${between.port}`, '-servername', 'own.test', '-keylogfile', keys];
  const client = spawn('openssl', ['s_client', ...target, '-ign_eof', ...flags]);
  let printed = '';
  client.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  client.stdin.write('GET / HTTP/1.0\r\n\r\n');
  await once(client, 'close');
  const [chunks = []] = between.connections;
  await between.close();
  await server.close();
  return { chunks, keyLog: readFileSync(keys, 'utf8').replace(/^#.*\n/gm, ''), printed };
}

describe.skipIf(withoutOpenssl)('openssl at both ends', () => {
  test.each([
    ['P-256', 'secp256r1'],
    ['P-384', 'secp384r1'],
    ['X448', 'x448'],
  ])(
    'TLS 1.3 over %s: both Finished and the signature follow from what was captured',
    async (name, group) => {
      const { chunks, keyLog } = await say('-tls1_3', '-groups', name);
      const origin = originOf(foldOf([{ chunks, port: 443, keyLog }]));
      expect(origin.group).toBe(group);
      expect(faultsOf(origin)).toEqual([]);
      for (const id of ['server-finished', 'client-finished'])
        expect(stepOf(origin, id).agreesWith?.equal).toBe(true);
      expect(origin.signature && verifies(origin.signature)).toBe(true);
    },
  );

  test('TLS 1.2: the master secret is the one that openssl prints, and all follows from it', async () => {
    const { chunks, keyLog, printed } = await say('-tls1_2', '-groups', 'P-256');
    const origin = originOf(foldOf([{ chunks, port: 443, keyLog }]));
    expect(faultsOf(origin)).toEqual([]);
    expect(hexOf(stepOf(origin, 'master-secret'))).toBe(
      /Master-Key: (\S+)/.exec(printed)?.[1]?.toLowerCase(),
    );
    for (const id of ['server-finished', 'client-finished'])
      expect(stepOf(origin, id).agreesWith?.equal).toBe(true);
    expect(origin.signature && verifies(origin.signature)).toBe(true);
  });
});
