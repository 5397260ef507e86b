import { appendFileSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KeyLogFile } from '../../../proxy/victim/key-log-file.ts';

const LINE = `CLIENT_RANDOM ${'ab'.repeat(32)} ${'cd'.repeat(48)}`;

let folder = '';
let path = '';
let told: string[] = [];
let wake: (() => void) | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plainsight-test-'));
  path = join(folder, 'key-log.txt');
  told = [];
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function follow(): KeyLogFile {
  return new KeyLogFile(path, (line) => {
    told.push(line);
    wake?.();
  });
}

async function untilTold(count: number): Promise<void> {
  while (told.length < count) await new Promise<void>((resolve) => (wake = resolve));
}

test('only this user can read it, and a file or a link that is there already is not touched', () => {
  const file = follow();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  file.close();
  expect(follow).toThrow('EEXIST');
  const elsewhere = join(folder, 'elsewhere');
  writeFileSync(elsewhere, '');
  rmSync(path);
  symlinkSync(elsewhere, path);
  expect(follow).toThrow('EEXIST');
});

test('a line is told while the file is still written, once, whatever its end', async () => {
  const file = follow();
  appendFileSync(path, `${LINE}\n`);
  await untilTold(1);
  appendFileSync(path, `${LINE}2\r\n\n`);
  await untilTold(2);
  file.close();
  expect(told).toEqual([LINE, `${LINE}2`]);
});

test('a line written byte by byte waits for its end', async () => {
  const file = follow();
  for (const character of `${LINE}\nnext`) appendFileSync(path, character);
  await untilTold(1);
  expect(told).toEqual([LINE]);
  appendFileSync(path, ' one\n');
  await untilTold(2);
  file.close();
  expect(told).toEqual([LINE, 'next one']);
});

test('closing tells what was written last, and nothing that comes later', () => {
  const file = follow();
  appendFileSync(path, `${LINE}\nhalf a line`);
  file.close();
  file.close();
  appendFileSync(path, '\n');
  expect(told).toEqual([LINE]);
});

test('more lines than one read takes are all told, in order', () => {
  const file = follow();
  const lines = Array.from({ length: 500 }, (_, index) => `${LINE} ${index}`);
  appendFileSync(path, lines.map((line) => `${line}\n`).join(''));
  file.close();
  expect(told).toEqual(lines);
});

test('an overlong line is passed over whole, and the one behind it is told', () => {
  const file = follow();
  appendFileSync(path, `${'x'.repeat(100_000)}\n${LINE}\n`);
  file.close();
  expect(told).toEqual([LINE]);
});
