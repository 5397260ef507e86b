import type { Lab, LogEvent } from '#contract';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { captureFile } from '../../proxy/pcapng/capture-file.ts';
import { root } from '../support/lab-process.ts';
import { Playing } from './folds/events.ts';

const line = `CLIENT_RANDOM ${'ab'.repeat(32)} ${'cd'.repeat(48)}`;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plainsight-open-'));
  const playing = new Playing();
  const connection = playing.open();
  playing.send(connection, 'client-to-server', 'GET / HTTP/1.1\r\n\r\n');
  writeFileSync(join(folder, 'one.pcapng'), Buffer.concat([...captureFile(playing.events)]));
  writeFileSync(join(folder, 'keys.txt'), line);
  writeFileSync(join(folder, 'note.txt'), 'hello');
});
afterAll(() => rmSync(folder, { recursive: true }));

function start(...args: string[]) {
  return spawn(process.execPath, [join(root, 'bin/plainsight.mjs'), 'open', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('a file is shown with nothing else started, until a signal ends it', async () => {
  const child = start('one.pcapng', '--keylog', 'keys.txt', '--json', '--no-open', '--port', '0');
  const [printed] = (await once(child.stdout, 'data')) as [Buffer];
  const lab = JSON.parse(printed.toString()) as Lab;
  expect(lab).toMatchObject({ routes: [], ca: '' });
  const headers = { Authorization: `Bearer ${lab.token}` };
  const lines = await (await fetch(`${lab.dashboard}/api/events`, { headers })).text();
  const events = lines
    .trim()
    .split('\n')
    .map((each) => JSON.parse(each) as LogEvent);
  expect(events.map(({ type }) => type)).toEqual([
    ...['epoch-started', 'connection-opened', 'bytes-captured', 'secrets-logged'],
  ]);
  expect(events[0]).toMatchObject({ source: 'recorded', epoch: lab.epoch });

  const reset = await fetch(`${lab.dashboard}/api/reset`, { method: 'POST', headers });
  expect(reset.status).toBe(409);
  expect(await reset.json()).toMatchObject({
    error: { code: 'no-lab', hint: expect.stringContaining('without "open"') as string },
  });
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`plainsight-${child.pid}-`))).toEqual([]);

  const ended = once(child, 'exit') as Promise<[number | null]>;
  child.kill('SIGTERM');
  expect((await ended)[0]).toBe(143);
});

test.each([
  ['that is no capture', ['note.txt'], 1, /This is no capture file\. Open a pcap/],
  ['that is not there', ['nowhere.pcapng'], 1, /^plainsight: There is no file nowhere\.pcapng\.$/m],
  ['that is a folder', ['.'], 1, /^plainsight: \. is a folder\.$/m],
  ['that nobody names', [], 2, /missing required argument/],
])('a file %s is an error of one sentence', async (_name, args, code, sentence) => {
  const child = start(...args, '--no-open', '--port', '0');
  const [stdout, stderr, [ended]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  expect(stderr).toMatch(sentence);
  expect([stdout, ended]).toEqual(['', code]);
});
