import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExplicitProxy, ProxyPortError } from '../../../proxy/interception/explicit-proxy.ts';
import { portToTake } from '../../support/ports.ts';
import { twoSeconds } from '../../support/two-seconds.ts';
import {
  answering,
  closed,
  type Door,
  exchange,
  openDoor,
  openTunnel,
  startAnother,
  startProxy,
} from './harness.ts';

let site: Door;
beforeAll(async () => {
  site = await openDoor(answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
});
afterAll(() => site.close());

const request = 'GET http://own.test/ HTTP/1.1\r\nHost: own.test\r\nConnection: close\r\n\r\n';
const isServed = async (port: number) => (await exchange(port, request)).answer.includes(' 200 OK');
const isRunning = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('killed, it is back on the same port in under two seconds, and leads to the same places', async () => {
  const { proxy, port, startTook } = await startProxy(
    { 'own.test:80': site.port },
    { port: await portToTake() },
  );
  for (let round = 0; round < 2; round += 1) {
    const before = proxy.pid ?? 0;
    const { socket } = await openTunnel(port, 'own.test:80');
    const another = startAnother();
    const start = performance.now();
    process.kill(before, 'SIGKILL');
    await closed(socket);
    await expect.poll(() => isServed(port), { interval: 20 }).toBe(true);
    const took = performance.now() - start;
    expect(took).toBeLessThan(twoSeconds(Math.max(startTook, await another)));
    expect(proxy.pid).not.toBe(before);
    expect(isRunning(before)).toBe(false);
  }
  await proxy.close();
});

test('what keeps ending stays closed, and says so in one sentence', async () => {
  const said: string[] = [];
  const { proxy, port } = await startProxy(
    {},
    { port: await portToTake(), gaveUp: (sentence) => said.push(sentence) },
  );
  // On its port sits somebody else by the time it would be back.
  const thief = createServer((socket) => socket.destroy());
  const taken = new Promise((resolve) => thief.once('listening', resolve));
  const take = () => thief.listen(port, '127.0.0.1');
  thief.on('error', () => setImmediate(take));
  process.kill(proxy.pid ?? 0, 'SIGKILL');
  take();
  await taken;
  await expect.poll(() => said.length, { timeout: 80_000 }).toBe(1);
  expect(said[0]).toContain(String(port));
  expect(proxy.pid).toBeUndefined();
  thief.close();
  await proxy.close();
});

test('closed, it is gone with its connections and does not come back', async () => {
  const { proxy, port } = await startProxy({ 'own.test:80': site.port }, { port: await portToTake() });
  const pid = proxy.pid ?? 0;
  const { socket } = await openTunnel(port, 'own.test:80');
  await proxy.close();
  await closed(socket);
  expect(isRunning(pid)).toBe(false);
  expect(await exchange(port, request)).toEqual({ answer: '', error: 'ECONNREFUSED' });
  await proxy.close();
});

test('a busy port is an error that names it, or the next one is taken', async () => {
  const busy = createServer().listen(0, '127.0.0.1');
  await once(busy, 'listening');
  const { port } = busy.address() as AddressInfo;
  const strict = new ExplicitProxy({ port, strictPort: true });
  const refusal = strict.start();
  await expect(refusal).rejects.toThrow(ProxyPortError);
  await expect(refusal).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use`);
  expect(strict.pid === undefined || !isRunning(strict.pid)).toBe(true);

  const moving = new ExplicitProxy({ port, strictPort: false, avoidPort: port + 1 });
  expect(await moving.start()).toBeGreaterThan(port + 1);
  await moving.close();
  busy.close();
});

test('before it is told where names lead, they lead nowhere', async () => {
  const proxy = new ExplicitProxy({ port: 0, strictPort: true });
  const port = await proxy.start();
  expect((await exchange(port, request)).answer).toMatch(/ 403 /);
  proxy.route([{ name: 'own.test', port: 80, listen: site.port }]);
  await expect.poll(() => isServed(port)).toBe(true);
  proxy.route([]);
  await expect.poll(() => isServed(port)).toBe(false);
  await proxy.close();
});

test('tells of each request that went nowhere, cut, and survives a flood of them', async () => {
  const { proxy, port, refusals } = await startProxy({ 'own.test:80': site.port });
  const long = `${'a'.repeat(400)}.test`;
  await exchange(port, `GET http://${long}/ HTTP/1.1\r\nHost: ${long}\r\n\r\n`);
  await exchange(port, 'CONNECT own.test:80 HTTP/1.1\r\nHost: other.test:80\r\n\r\n');
  await expect.poll(() => refusals.length).toBe(2);
  expect(refusals[0]).toMatchObject({ status: 403, reason: 'not-in-table' });
  expect(refusals[0]?.target.length).toBe(255);
  expect(refusals[1]).toEqual({
    status: 421,
    reason: 'names-disagree',
    target: 'own.test:80',
    name: 'other.test:80',
  });
  await exchange(port, 'GET http://x.test/ HTTP/1.1\r\nHost: x.test\r\n\r\n'.repeat(1000), { end: true });
  expect(await isServed(port)).toBe(true);
  await proxy.close();
});

test('nothing that only the lab knows stands in its arguments', async () => {
  const { proxy } = await startProxy({ 'own.test:80': site.port });
  const commandLine = execFileSync('ps', ['-o', 'args=', '-p', String(proxy.pid)], { encoding: 'utf8' });
  expect(commandLine).toContain('engine-process.ts');
  expect(commandLine).not.toContain('own.test');
  await proxy.close();
});
