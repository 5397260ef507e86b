import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { captureFile } from '../../proxy/pcapng/capture-file.ts';
import { captured, textChunk } from '../proxy/dissect/captured.ts';
import { capturedLogin, withoutKeys } from '../proxy/dissect/login.ts';
import { root } from '../support/lab-process.ts';
import { hasTool } from '../support/tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'plainsight-test-'));
const clear = join(folder, 'clear.pcapng');
const login = join(folder, 'login.pcapng');
const keys = join(folder, 'keys.txt');
const otherKeys = join(folder, 'other-keys.txt');
const withoutOpenssl = !hasTool('openssl');

beforeAll(async () => {
  const get = textChunk('client-to-server', 'GET /a HTTP/1.1\r\nHost: own.test\r\n\r\n');
  const many = Array.from({ length: 5000 }, () => get);
  writeFileSync(clear, Buffer.concat([...captureFile(captured([{ port: 80, chunks: many }]))]));
  writeFileSync(otherKeys, `# not these\nCLIENT_RANDOM ${'ab'.repeat(32)} ${'cd'.repeat(48)}\nnonsense\n`);
  if (withoutOpenssl) return;
  const { events, keyLog } = await capturedLogin();
  writeFileSync(login, Buffer.concat([...captureFile(withoutKeys(events))]));
  writeFileSync(keys, keyLog);
});
afterAll(() => rmSync(folder, { recursive: true }));

function start(...args: string[]) {
  return spawn(process.execPath, [join(root, 'bin/plainsight.mjs'), 'dissect', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Without what the start says in a checkout whose dashboard is not built yet. */
function said(stderr: string): readonly string[] {
  return stderr.split('\n').filter((line) => line.startsWith('plainsight:') || line.startsWith('error:'));
}

async function dissect(...args: string[]) {
  const child = start(...args);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { stdout, stderr, code };
}

test('a tree without colour where nobody looks', async () => {
  const { stdout, stderr, code } = await dissect(clear);
  expect({ said: said(stderr), code }).toEqual({ said: [], code: 0 });
  expect(stdout).not.toContain('\x1b');
  expect(stdout.split('GET /a  (').length - 1).toBe(5000);
});

test('--json prints a line a message', async () => {
  const { stdout, code } = await dissect('--json', clear);
  const lines = stdout.trimEnd().split('\n');
  expect(code).toBe(0);
  expect(lines).toHaveLength(5000);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    ...{ connection: 1, server: 'own.test:80', direction: 'client-to-server', protocol: 'http1' },
    ...{ source: 'wire', name: 'GET /a', bytes: 35 },
    fields: [{ name: 'http', label: 'HTTP request', start: 0, end: 35 }],
  });
});

test('a reader that has seen enough ends it quietly', async () => {
  const child = start('--json', clear);
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const stderr = text(child.stderr);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  expect((await ended)[0]).toBe(0);
  expect(said(await stderr)).toEqual([]);
});

describe.skipIf(withoutOpenssl)('a capture of TLS', () => {
  test('opens with a key log', async () => {
    const { stdout, stderr, code } = await dissect('--json', '--keylog', keys, login);
    expect({ said: said(stderr), code }).toEqual({ said: [], code: 0 });
    const opened = stdout
      .trimEnd()
      .split('\n')
      .map(
        (line) => JSON.parse(line) as { source: string; name: string; protocol: string; connection: number },
      )
      .filter(({ source, protocol }) => source === 'decrypted' && protocol === 'http1');
    expect(opened.map(({ name }) => name)).toEqual(['POST /login?from=caf%C3%A9', '200 Fine']);
  });

  test('with a key log of other connections says so, and which line is none, and shows the rest', async () => {
    const { stdout, stderr, code } = await dissect('--keylog', otherKeys, login);
    expect(code).toBe(0);
    expect(stderr).toContain('plainsight: The key log has no line for the TLS connection in this capture.\n');
    expect(stderr).toContain('plainsight: Line 3 of the key log: Begins with no label that is known here.\n');
    expect(stderr).not.toContain('cdcd');
    expect(stdout).toContain('ClientHello');
    expect(stdout.split('No line of the key log is for this connection').length - 1).toBe(1);
  });
});

test('with a file that is no key log says so in a few sentences', async () => {
  const junk = join(folder, 'junk.txt');
  writeFileSync(junk, 'nonsense\n'.repeat(300));
  const { stderr, code } = await dissect('--keylog', junk, clear);
  expect(code).toBe(0);
  expect(stderr).toContain('plainsight: The key log has no usable line.\n');
  expect(said(stderr)).toHaveLength(7);
  expect(stderr).toContain('plainsight: And 295 more lines like these.\n');
});

test('--help says what stands in a line of JSON, and in which unit', async () => {
  const { stdout, code } = await dissect('--help');
  expect(code).toBe(0);
  expect(stdout).toMatch(/time +nanoseconds since the capture began/);
});

test.each([
  [[join(folder, 'nothing-here')], /^plainsight: There is no file .*nothing-here\.$/],
  [[folder], /^plainsight: .* is a folder\.$/],
  [[join(root, 'package.json')], /^plainsight: This is no capture file\. .*\.$/],
  [[clear, '--keylog', join(folder, 'no-keys')], /^plainsight: There is no file .*no-keys\.$/],
])('%j fails in one sentence', async (args, sentence) => {
  const { stdout, stderr, code } = await dissect(...args);
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(said(stderr)).toEqual([expect.stringMatching(sentence)]);
});

test.each([[[]], [['--nonsense', clear]], [[clear, 'stray']]])('%j is a usage error', async (args) => {
  const { stderr, code } = await dissect(...args);
  expect(code).toBe(2);
  expect(said(stderr)).toHaveLength(1);
});
