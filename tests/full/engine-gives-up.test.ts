import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AttackInfo } from '#contract';
import { startLabProcess, type LabProcess } from '../support/lab-process.ts';

// As often as it is started again, and once more.
const DEATHS = 7;

let lab: LabProcess;

beforeAll(async () => {
  lab = await startLabProcess();
});
afterAll(async () => {
  await lab.stop();
});

/** The process that stands in the sites' place; undefined while there is none. */
function engine(): number | undefined {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  const row = table.split('\n').find((line) => {
    const [, parent] = line.trim().split(/\s+/);
    return Number(parent) === lab.process.pid && line.includes('engine-process');
  });
  return row === undefined ? undefined : Number.parseInt(row, 10);
}

/** What is answered over HTTP at the relay's port for the bank. */
async function statusOfBank(): Promise<number | undefined> {
  const bank = lab.lab.routes.find(({ name, port }) => name === 'bank-redirect.test' && port === 80);
  const asking = get({ port: bank?.listen, host: '127.0.0.1', headers: { Host: 'bank-redirect.test' } });
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}

test('where the engine ends for good, nobody is led to it any longer', async () => {
  const armed = await lab.call('POST', '/api/attacks/strip/arm', {});
  expect(armed.body).toMatchObject({ isArmed: true });
  expect(await statusOfBank()).toBe(200);
  for (let death = 1; death <= DEATHS; death++) {
    let pid: number | undefined;
    await expect.poll(() => (pid = engine())).toBeDefined();
    // Of no number all that belong to this process would be killed.
    process.kill(pid ?? NaN, 'SIGKILL');
    await expect.poll(engine).not.toBe(pid);
  }
  await expect.poll(() => lab.printed()).toContain('keeps ending and stays closed now');
  const attacks = async () =>
    ((await lab.call('GET', '/api/attacks')).body as { attacks: readonly AttackInfo[] }).attacks;
  await expect.poll(async () => (await attacks()).some(({ isArmed }) => isArmed)).toBe(false);
  expect(await statusOfBank()).toBe(301);
});
