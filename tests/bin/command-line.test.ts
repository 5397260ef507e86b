import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, watch } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { root, startLabProcess } from '../support/lab-process.ts';
import { portToTake } from '../support/ports.ts';

async function runToTheEnd(args: string[], env: NodeJS.ProcessEnv = {}) {
  const began = performance.now();
  const child = spawn(process.execPath, [join(root, 'bin/plainsight.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { stdout, stderr, code, milliseconds: performance.now() - began };
}

test('a taken fixed port is named, and the start fails', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  const result = await runToTheEnd(['--no-open', '--strictPort', '--port', String(port)]);
  holder.close();
  expect(result.code).toBe(1);
  expect(result.stderr).toContain(`Port ${port} on 127.0.0.1 is in use`);
  expect(result.stdout).toBe('');
});

test('a taken port without --strictPort moves on to the next', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  const lab = await startLabProcess(['--port', String(port)]);
  expect(Number(new URL(lab.lab.dashboard).port)).toBeGreaterThan(port);
  await lab.stop();
  holder.close();
});

test('switched-off certificate checks make the start fail', async () => {
  const result = await runToTheEnd(['--no-open', '--port', '0'], { NODE_TLS_REJECT_UNAUTHORIZED: '0' });
  expect(result.code).toBe(1);
  expect(result.stderr).toContain('NODE_TLS_REJECT_UNAUTHORIZED');
});

test.each([
  [['--port', 'x']],
  [['--port', '65536']],
  [['--nonsense']],
  [['--route', 'a.test:80=10.0.0.1:80']],
  [['--browser', '/nonexistent/browser']],
  [['stray']],
])('%j is a usage error', async (args) => {
  const result = await runToTheEnd(args);
  expect(result.code).toBe(2);
  expect(result.stderr).not.toBe('');
});

test('--help and --version end well', async () => {
  const [help, version] = await Promise.all([runToTheEnd(['--help']), runToTheEnd(['--version'])]);
  expect(help.code).toBe(0);
  expect(help.stdout).toContain('--route');
  expect(version.code).toBe(0);
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('with --json, stdout holds one line: the lab as the API tells it', async () => {
  const lab = await startLabProcess();
  const { body } = await lab.call('GET', '/api/lab');
  expect(body).toEqual(lab.lab);
  expect(existsSync(lab.lab.ca)).toBe(true);
  expect(await lab.stop()).toBe(143);
  expect(existsSync(dirname(lab.lab.ca))).toBe(false);
});

test('a route that leads back to the dashboard is refused', async () => {
  const port = await portToTake();
  const route = `loop.test:80=127.0.0.1:${port}`;
  const result = await runToTheEnd(['--no-open', '--strictPort', '--port', String(port), '--route', route]);
  expect(result.code).toBe(1);
  expect(result.stderr).toContain(`port ${port}, which is the lab's own`);
});

test('a signal in the middle of the start still leaves nothing behind', async () => {
  const child = spawn(process.execPath, [join(root, 'bin/plainsight.mjs'), '--no-open', '--port', '0'], {
    stdio: 'ignore',
  });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const ownFolders = () =>
    readdirSync(tmpdir()).filter((name) => name.startsWith(`plainsight-${child.pid}-`));
  await new Promise<void>((resolve) => {
    const look = () => {
      if (ownFolders().length === 0) return;
      watcher.close();
      resolve();
    };
    const watcher = watch(tmpdir(), look);
    look();
  });
  child.kill('SIGTERM');
  expect((await ended)[0]).toBe(143);
  expect(ownFolders()).toEqual([]);
});

test('after kill -9 the next start works, and the old keys are gone', async () => {
  const killed = await startLabProcess();
  // Looked at before: as soon as it has gone, any other lab that starts tidies up.
  expect(existsSync(killed.lab.ca)).toBe(true);
  const ended = once(killed.process, 'exit');
  killed.process.kill('SIGKILL');
  await ended;
  const next = await startLabProcess();
  expect(existsSync(killed.lab.ca)).toBe(false);
  expect(existsSync(next.lab.ca)).toBe(true);
  await next.stop();
});
