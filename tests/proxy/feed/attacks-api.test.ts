import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AttackInfo } from '#contract';
import express, { type ErrorRequestHandler } from 'express';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { AttackRefusal } from '../../../proxy/attacks/attack-refusal.ts';
import { type AttackCommands, attacksRouter } from '../../../proxy/feed/attacks-api.ts';

const change: AttackInfo = {
  ...{ id: 'change', title: 'Change', plan: { http: 'Rewrite it.' } },
  ...{ canBeArmed: true, isArmed: false, whileArmed: {}, seconds: 2 },
};
const trusting: AttackInfo = {
  ...{ ...change, id: 'impersonate' },
  circumstance: { key: 'trust', label: 'It trusts' },
};
const runAttack = vi.fn<AttackCommands['runAttack']>();
const armAttack = vi.fn<AttackCommands['armAttack']>();
const disarmAttack = vi.fn<AttackCommands['disarmAttack']>();
let isRecorded = false;
let server: Server;

beforeAll(async () => {
  // Errors that are not its own to answer go on to whoever answers them for all calls.
  const passedOn: ErrorRequestHandler = (error: Error, _request, response, next) => {
    if (response.headersSent) next(error);
    else response.status(409).json({ passedOn: error.message });
  };
  const commands = { attacks: () => [change, trusting], runAttack, armAttack, disarmAttack };
  const app = express()
    .use(express.json())
    .use(attacksRouter(commands, () => isRecorded))
    .use(passedOn);
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());
beforeEach(() => {
  isRecorded = false;
  for (const command of [runAttack, armAttack, disarmAttack]) command.mockReset();
});

async function call(method: string, path: string, body?: object): Promise<unknown> {
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
  });
  return { status: response.status, body: await response.json() };
}

test('lists the attacks, and answers the verdicts of one', async () => {
  runAttack.mockResolvedValue({ id: 'change', lastSeq: 7 });
  expect(await call('GET', '/')).toEqual({ status: 200, body: { attacks: [change, trusting] } });
  expect(await call('POST', '/change/run')).toEqual({ status: 200, body: { id: 'change', lastSeq: 7 } });
  expect(runAttack).toHaveBeenCalledExactlyOnceWith('change', undefined);
});

test('arms and disarms, and answers how it is now', async () => {
  armAttack.mockResolvedValue({ ...change, isArmed: true });
  disarmAttack.mockResolvedValue(change);
  expect(await call('POST', '/change/arm')).toEqual({ status: 200, body: { ...change, isArmed: true } });
  expect(await call('POST', '/change/disarm')).toEqual({ status: 200, body: change });
  expect(armAttack).toHaveBeenCalledExactlyOnceWith('change', undefined);
  expect(disarmAttack).toHaveBeenCalledExactlyOnceWith('change');
});

test('arms under what the attack knows of, and under nothing else', async () => {
  armAttack.mockResolvedValue(trusting);
  await call('POST', '/impersonate/arm', { trust: true, padding: true });
  await call('POST', '/impersonate/arm', { trust: 'yes' });
  await call('POST', '/change/arm', { trust: true });
  expect(armAttack.mock.calls).toEqual([
    ['impersonate', 'trust'],
    ['impersonate', undefined],
    ['change', undefined],
  ]);
});

test.each(['run', 'arm', 'disarm'])('of a name that is none, %s says which there are', async (verb) => {
  expect(await call('POST', `/constructor/${verb}`)).toMatchObject({
    status: 404,
    body: { error: { code: 'no-such-attack', hint: 'There are: change, impersonate.' } },
  });
});

test('runs and arms nothing while a recording is shown, and still disarms', async () => {
  isRecorded = true;
  disarmAttack.mockResolvedValue(change);
  for (const verb of ['run', 'arm']) {
    expect(await call('POST', `/change/${verb}`)).toMatchObject({
      status: 409,
      body: { error: { code: 'recording-shown' } },
    });
  }
  expect([runAttack, armAttack].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
  expect(await call('POST', '/change/disarm')).toMatchObject({ status: 200 });
});

test('says what could not be tried, and why, with a hint', async () => {
  runAttack.mockRejectedValue(new Error('the victim was not there'));
  expect(await call('POST', '/change/run')).toEqual({
    status: 502,
    body: {
      error: {
        code: 'attack-failed',
        message: '“Change” could not be tried: the victim was not there.',
        hint: 'Run it again; if it fails again, reset the lab.',
      },
    },
  });
});

test('leaves a refusal to whoever answers all refusals', async () => {
  armAttack.mockRejectedValue(new AttackRefusal('attack-running', 'Busy.', 'Wait.'));
  expect(await call('POST', '/change/arm')).toEqual({ status: 409, body: { passedOn: 'Busy.' } });
});
