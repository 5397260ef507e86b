import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { captureFile } from '../../../../proxy/pcapng/capture-file.ts';
import { isTsharkMissing, tshark } from '../../../support/tshark.ts';
import { captured } from '../../dissect/captured.ts';
import { dataOf, decrypt, recordsOf, tap } from '../../keys/tap.ts';
import { ANSWER, nodeSite, REQUEST, visit } from './sites.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plainsight-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const CASES = [
  ['TLS 1.3', 0x1301, undefined],
  ['TLS 1.3', 0x1302, undefined],
  ['TLS 1.3', 0x1303, undefined],
  ['TLS 1.2', 0xc02b, 0x0303],
  ['TLS 1.2', 0xcca9, 0x0303],
] as const;

/** One visit through a tap: what crossed, and the client's own key log. */
async function overheard(suite: number, version: 0x0303 | undefined) {
  const site = await nodeSite();
  const between = await tap(site.port);
  const { lines, answer } = await visit(between.port, { suites: [suite], ...(version && { version }) });
  const [chunks = []] = between.connections;
  await between.close();
  await site.close();
  expect(answer).toBe(ANSWER);
  return { chunks, keyLog: lines.map((line) => `${line}\n`).join('') };
}

test.each(CASES)(
  '%s, suite %i: the dissectors open what it says with what it tells',
  async (_, suite, version) => {
    const { chunks, keyLog } = await overheard(suite, version);
    const { read, faults } = decrypt(recordsOf(chunks), keyLog);
    expect(faults).toEqual([]);
    expect(read.map(({ reading }) => reading.state)).not.toContain('sealed');
    expect(dataOf(read, 'client-to-server')).toBe(REQUEST);
    expect(dataOf(read, 'server-to-client')).toBe(ANSWER);
    const finished = read.flatMap(({ reading }) =>
      reading.state === 'sealed' ? [] : reading.handshake.flatMap((message) => message.finished ?? []),
    );
    expect(finished).toEqual(['verified', 'verified']);
  },
);

describe.skipIf(isTsharkMissing)('tshark', () => {
  test.each(CASES)(
    '%s, suite %i: finds nothing amiss, and reads the request with its keys alone',
    async (_, suite, version) => {
      const { chunks, keyLog } = await overheard(suite, version);
      const [file, keys] = [join(folder, 'capture.pcapng'), join(folder, 'keys.txt')];
      writeFileSync(file, Buffer.concat([...captureFile(captured([{ chunks, port: 443 }]))]));
      writeFileSync(keys, keyLog);
      const requests = ['-Y', 'http.request', '-T', 'fields', '-e', 'http.request.method', '-e', 'http.host'];
      expect(await tshark(file, ...requests)).toBe('');
      expect(await tshark(file, '-o', `tls.keylog_file:${keys}`, ...requests)).toBe('GET\tpiggypay.test\n');
      const amiss = ['-Y', '_ws.malformed || _ws.expert.severity == "Error"'];
      expect(await tshark(file, '-o', `tls.keylog_file:${keys}`, ...amiss)).toBe('');
    },
  );
});
