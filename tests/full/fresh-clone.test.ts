import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lab } from '#contract';
import { expect, test } from 'vitest';
import { root } from '../support/lab-process.ts';

// What is tracked, as it is in the working tree: what a clone of the next commit would hold.
function copyOfTheTree(): string {
  const folder = mkdtempSync(join(tmpdir(), 'plainsight-clone-'));
  const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const file of tracked.split('\0').filter(Boolean)) cpSync(join(root, file), join(folder, file));
  return folder;
}

async function firstLine(
  folder: string,
  command: string,
  args: string[],
): Promise<{ lab: Lab; stop: () => Promise<number | null> }> {
  const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  const lab = await new Promise<Lab>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (stdout.includes('\n')) resolve(JSON.parse(stdout) as Lab);
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
  });
  return {
    lab,
    async stop() {
      const ended = once(child, 'exit') as Promise<[number | null]>;
      child.kill('SIGTERM');
      return (await ended)[0];
    },
  };
}

async function logsIn(lab: Lab): Promise<void> {
  const response = await fetch(`${lab.dashboard}/api/victim/login`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${lab.token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ mobile: '9800000012', password: 'monsoon-42', site: 'both' }),
  });
  expect(await response.json()).toMatchObject({ http: { ok: true }, https: { ok: true } });
  const page = await fetch(`${lab.dashboard}/`, { headers: { Authorization: `Bearer ${lab.token}` } });
  expect(await page.text()).toContain('<script type="module"');
}

const flags = ['--no-open', '--json', '--port', '0'];

test('one command takes a fresh clone to a running lab, and the second start is quick', async () => {
  const clone = copyOfTheTree();
  try {
    const first = await firstLine(clone, process.execPath, ['bin/plainsight.mjs', ...flags]);
    await logsIn(first.lab);
    expect(await first.stop()).toBe(143);
    // Built for production, though this test runner's environment says otherwise: else names of source files stand in it.
    const assets = join(clone, 'dashboard/dist/assets');
    const scripts = readdirSync(assets).filter((name) => name.endsWith('.js'));
    expect(scripts.length).toBeGreaterThan(0);
    for (const name of scripts) expect(readFileSync(join(assets, name), 'utf8')).not.toContain('.svelte`');
    const second = await firstLine(clone, process.execPath, ['bin/plainsight.mjs', ...flags]);
    await logsIn(second.lab);
    await second.stop();
  } finally {
    rmSync(clone, { recursive: true, force: true });
  }
});

test('the packed package runs where it is installed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plainsight-pack-'));
  try {
    const npm = process.env['npm_execpath'];
    const run = (...args: string[]) =>
      npm
        ? execFileSync(process.execPath, [npm, ...args], { cwd: folder, encoding: 'utf8' })
        : execFileSync('npm', args, { cwd: folder, encoding: 'utf8' });
    run('pack', root, '--pack-destination', folder, '--silent', '--ignore-scripts');
    run('init', '-y', '--silent');
    const [tarball = ''] = execFileSync('ls', [folder], { encoding: 'utf8' })
      .split('\n')
      .filter((name) => name.endsWith('.tgz'));
    run('install', '--no-audit', '--no-fund', '--omit=dev', '--silent', join(folder, tarball));
    const { lab, stop } = await firstLine(folder, join(folder, 'node_modules/.bin/plainsight'), flags);
    await logsIn(lab);
    expect(await stop()).toBe(143);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
