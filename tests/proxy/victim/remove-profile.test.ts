import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { removeProfile } from '../../../proxy/victim/remove-profile.ts';

// As a helper process of a browser does that has just ended.
const writing = `
  const { mkdirSync, writeFileSync } = require('node:fs');
  const { join } = require('node:path');
  const folder = join(process.argv[1], 'Default');
  mkdirSync(folder);
  for (let number = 0; number < 500; number += 1) writeFileSync(join(folder, 'early-' + number), '');
  process.stdout.write('begun');
  const end = Date.now() + 300;
  for (let number = 0; Date.now() < end; number += 1) {
    try {
      writeFileSync(join(folder, 'late-' + number), '');
    } catch {
      // Its folder is gone.
    }
  }
`;

test('a profile goes although somebody still writes into it', async () => {
  const profile = mkdtempSync(join(tmpdir(), 'plainsight-test-profile-'));
  const writer = spawn(process.execPath, ['-e', writing, profile]);
  const ended = once(writer, 'exit');
  await once(writer.stdout, 'data');
  removeProfile(profile);
  await ended;
  expect(existsSync(profile)).toBe(false);
});

test('one that is gone already is no error', () => {
  expect(() => {
    removeProfile(join(tmpdir(), 'plainsight-test-profile-never-there'));
  }).not.toThrow();
});
