import type { Stepping } from '#contract';
import express from 'express';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { steppingRouter } from '../../../proxy/feed/stepping-api.ts';

const live: Stepping = { mode: 'live', lanes: { http: 'live', https: 'live' }, held: [] };
const setStepping = vi.fn();
let server: Server;

beforeAll(async () => {
  const commands = { stepping: () => live, setStepping, next: vi.fn() };
  const app = express().use(
    express.json(),
    steppingRouter(commands, () => true),
  );
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

async function put(body: object): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

test('nothing of a recording can be held, and the refusal says what to do; to go live is no fault', async () => {
  expect(await put({ mode: 'step' })).toMatchObject({
    status: 409,
    body: { error: { code: 'recording-shown', hint: expect.stringContaining('/api/reset') as string } },
  });
  expect(setStepping).not.toHaveBeenCalled();
  expect(await put({ mode: 'live' })).toEqual({ status: 200, body: live });
});
