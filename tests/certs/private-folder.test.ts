import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openPrivateFolder } from '../../certs/private-folder.ts';

const source = new URL('../../certs/private-folder.ts', import.meta.url);
const RANDOM = '0123456789abcdef';

let temporary: string;

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'private-folder-test-'));
  vi.stubEnv('TMPDIR', temporary);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true, force: true });
});

/** The number of a process that has ended. */
async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

function leftover(owner: number): string {
  const path = join(temporary, `plainsight-${owner}-${RANDOM}`);
  mkdirSync(path, { mode: 0o700 });
  writeFileSync(join(path, 'leaf.key.pem'), 'an old key');
  return path;
}

describe('the private folder', () => {
  it('lets in its owner only, whatever the umask', async () => {
    for (const mask of [0o000, 0o022, 0o277]) {
      const before = process.umask(mask);
      const folder = await openPrivateFolder().finally(() => process.umask(before));
      expect(statSync(folder.path).mode & 0o7777).toBe(0o700);
      expect(folder.path).toMatch(new RegExp(`/plainsight-${process.pid}-[0-9a-f]{16}$`));
    }
  });

  it('writes files that only their owner can read', async () => {
    const before = process.umask(0);
    const folder = await openPrivateFolder();
    const text = await folder.write('piggypay.key.pem', 'key');
    const binary = await folder.write('ca.der', Uint8Array.of(0x30, 0x82));
    process.umask(before);
    expect(statSync(text).mode & 0o7777).toBe(0o600);
    expect(readFileSync(text, 'utf8')).toBe('key');
    expect(statSync(binary).mode & 0o7777).toBe(0o600);
    expect([...readFileSync(binary)]).toEqual([0x30, 0x82]);
    expect(readdirSync(folder.path).sort()).toEqual(['ca.der', 'piggypay.key.pem']);
  });

  it('replaces a file whole, a link at its name included', async () => {
    const folder = await openPrivateFolder();
    const outside = join(temporary, 'outside');
    writeFileSync(outside, 'untouched');
    symlinkSync(outside, join(folder.path, 'ca.pem'));
    const path = await folder.write('ca.pem', 'first');
    await folder.write('ca.pem', 'second');
    expect(readFileSync(path, 'utf8')).toBe('second');
    expect(readFileSync(outside, 'utf8')).toBe('untouched');
    expect(readdirSync(folder.path)).toEqual(['ca.pem']);
  });

  it.each([
    '../ca.pem',
    '..',
    '.',
    '',
    '/etc/passwd',
    'a/b',
    'a\\b',
    'ca.pem\0.txt',
    'ca..pem',
    '.hidden',
    'ca.pem/',
    'ca.pem\n',
    'C:ca.pem',
    '~',
    'Ca.pem',
    'ca pem',
    '%2e%2e%2fca',
    'a'.repeat(65),
    'cà.pem',
    '-rf',
  ])('refuses %j as a file name and writes nothing', async (name) => {
    const folder = await openPrivateFolder();
    await expect(folder.write(name, 'x')).rejects.toThrow('is not a name');
    expect(readdirSync(folder.path)).toEqual([]);
    expect(readdirSync(temporary)).toHaveLength(1);
  });

  it('is gone after remove, which may be called again', async () => {
    const folder = await openPrivateFolder();
    await folder.write('ca.pem', 'x');
    folder.remove();
    expect(existsSync(folder.path)).toBe(false);
    folder.remove();
    await expect(folder.write('ca.pem', 'x')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is gone when the process that made it exits with remove as its last act', async () => {
    const script = `const { openPrivateFolder } = await import(${JSON.stringify(source.href)});
      const folder = await openPrivateFolder(); process.on('exit', () => folder.remove());
      await folder.write('ca.pem', 'x'); process.stdout.write(folder.path); process.exit(3);`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
    });
    let path = '';
    child.stdout.on('data', (data: Buffer) => (path += data.toString()));
    expect(await once(child, 'close')).toEqual([3, null]);
    expect(path).toContain(`plainsight-${child.pid}-`);
    expect(existsSync(path)).toBe(false);
  });
});

describe('what earlier runs left behind', () => {
  it('is removed when the process of that run was killed, and stays while it lives', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    const path = leftover(child.pid ?? 0);
    await openPrivateFolder();
    expect(existsSync(path)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await openPrivateFolder();
    expect(existsSync(path)).toBe(false);
  });

  it('is removed when it carries this process’s own number but another run made it', async () => {
    const path = leftover(process.pid);
    const own = await openPrivateFolder();
    await openPrivateFolder();
    expect(existsSync(path)).toBe(false);
    expect(existsSync(own.path)).toBe(true);
  });

  it('is not followed when it is a link, nor are links within it', async () => {
    const precious = join(temporary, 'precious');
    mkdirSync(precious);
    writeFileSync(join(precious, 'file'), 'kept');
    const owner = await endedProcess();
    const link = join(temporary, `plainsight-${owner}-${'f'.repeat(16)}`);
    symlinkSync(precious, link);
    const old = leftover(owner);
    symlinkSync(precious, join(old, 'link'));
    await openPrivateFolder();
    expect(existsSync(old)).toBe(false);
    expect(existsSync(link)).toBe(true);
    expect(readFileSync(join(precious, 'file'), 'utf8')).toBe('kept');
  });

  it('is left alone when it is a file or is named otherwise', async () => {
    const owner = await endedProcess();
    const names = [
      `plainsight-${owner}`,
      `plainsight-${owner}-backup`,
      `plainsight-0-${RANDOM}`,
      `my-plainsight-${owner}-${RANDOM}`,
    ];
    for (const name of names) mkdirSync(join(temporary, name));
    const file = `plainsight-${owner}-${RANDOM}`;
    writeFileSync(join(temporary, file), '');
    const own = await openPrivateFolder();
    expect(
      readdirSync(temporary)
        .map((name) => join(temporary, name))
        .sort(),
    ).toEqual(
      [...names, file]
        .map((name) => join(temporary, name))
        .concat(own.path)
        .sort(),
    );
  });

  it('is left alone when it belongs to another user', async () => {
    const path = leftover(await endedProcess());
    if (process.getuid?.() === 0) chownSync(path, 65534, 65534);
    else vi.spyOn(process, 'getuid').mockReturnValue(65534);
    await openPrivateFolder();
    expect(existsSync(path)).toBe(true);
    vi.restoreAllMocks();
  });
});
