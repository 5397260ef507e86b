import type { ExperimentInfo } from '#contract';
import express, { type ErrorRequestHandler } from 'express';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { ExperimentRefusal } from '../../../proxy/experiments/experiments.ts';
import { experimentsRouter } from '../../../proxy/feed/experiments-api.ts';

const race: ExperimentInfo = { id: 'race', title: 'A race', about: 'Who is faster.', seconds: 3 };
const runExperiment = vi.fn();
let isRecorded = false;
let server: Server;

beforeAll(async () => {
  // Errors that are not its own to answer go on to whoever answers them for all calls.
  const passedOn: ErrorRequestHandler = (error: Error, _request, response, next) => {
    if (response.headersSent) next(error);
    else response.status(409).json({ passedOn: error.message });
  };
  const commands = { experiments: () => [race], runExperiment };
  const app = express()
    .use(experimentsRouter(commands, () => isRecorded))
    .use(passedOn);
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());
beforeEach(() => {
  isRecorded = false;
  runExperiment.mockReset();
});

async function call(method: string, path: string): Promise<unknown> {
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
  return { status: response.status, body: await response.json() };
}

test('lists the experiments, and answers what one measured', async () => {
  const result = { id: 'race', outcome: 'A tie.', measures: { laps: 2 }, events: [1, 4] };
  runExperiment.mockResolvedValue(result);
  expect(await call('GET', '/')).toEqual({ status: 200, body: { experiments: [race] } });
  expect(await call('POST', '/race/run')).toEqual({ status: 200, body: result });
  expect(runExperiment).toHaveBeenCalledExactlyOnceWith('race');
});

test('of a name that is none it says which there are', async () => {
  expect(await call('POST', '/constructor/run')).toMatchObject({
    status: 404,
    body: { error: { code: 'no-such-experiment', hint: 'There are: race.' } },
  });
  expect(runExperiment).not.toHaveBeenCalled();
});

test('runs nothing while a recording is shown', async () => {
  isRecorded = true;
  expect(await call('POST', '/race/run')).toMatchObject({
    status: 409,
    body: { error: { code: 'recording-shown' } },
  });
  expect(runExperiment).not.toHaveBeenCalled();
});

test('says what could not be done, and why, with a hint', async () => {
  runExperiment.mockRejectedValue(new Error('the wire was cut'));
  expect(await call('POST', '/race/run')).toEqual({
    status: 502,
    body: {
      error: {
        code: 'experiment-failed',
        message: '“A race” could not be done: the wire was cut.',
        hint: 'Run it again; if it fails again, reset the lab.',
      },
    },
  });
});

test('leaves a refusal to whoever answers all refusals', async () => {
  runExperiment.mockRejectedValue(new ExperimentRefusal('experiment-running', 'Busy.', 'Wait.'));
  expect(await call('POST', '/race/run')).toEqual({ status: 409, body: { passedOn: 'Busy.' } });
});
