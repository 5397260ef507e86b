import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { root } from '../support/lab-process.ts';

test('the table that is looked at before class has every attack in it, and nothing that should not be', async () => {
  const child = spawn(process.execPath, [join(root, 'bin/bench-attacks.mjs')], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const [printed, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect([(await ended)[0], complaints]).toEqual([0, '']);
  for (const row of [
    /^change +http +succeeded +1 /m,
    /^strip +https +no effect/m,
    /^listen \(padding\) +https +no effect/m,
  ])
    expect(printed).toMatch(row);
});
