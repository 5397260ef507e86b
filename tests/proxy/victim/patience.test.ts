import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { VictimChat } from '../../../proxy/victim/chat.ts';
import { patienceWhile, usualPatience } from '../../../proxy/victim/patience.ts';
import { VictimClient } from '../../../proxy/victim/request.ts';

let silent: Server;
const sockets = new Set<Socket>();

beforeEach(async () => {
  silent = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  silent.close();
});

function to(patience: () => number) {
  const { port } = silent.address() as AddressInfo;
  const { signal } = new AbortController();
  return { address: '127.0.0.1', port, host: 'piggypay.test', signal, patience };
}

/** Short when it is asked first, longer from then on: bytes are held by the time it runs out. */
function growing(first: number, then: number): { patience: () => number; asked: () => number } {
  let asked = 0;
  return { patience: () => ((asked += 1) === 1 ? first : then), asked: () => asked };
}

test('waits ten seconds as a rule, and ten minutes while bytes are held on the way', () => {
  let isHeld = false;
  const patience = patienceWhile(() => isHeld);
  expect([usualPatience(), patience()]).toEqual([10_000, 10_000]);
  isHeld = true;
  expect(patience()).toBe(600_000);
});

test('a request that nobody answers fails when the patience is over, and says how long that was', async () => {
  const client = new VictimClient(to(() => 40));
  await expect(client.send('GET', '/')).rejects.toMatchObject({
    ...{ code: 'ETIMEDOUT', message: 'no answer within 0.04 seconds' },
  });
  client.close();
});

test('a request that is held up meanwhile goes on waiting', async () => {
  const { patience, asked } = growing(40, 120);
  const client = new VictimClient(to(patience));
  await expect(client.send('GET', '/')).rejects.toMatchObject({ message: 'no answer within 0.12 seconds' });
  // Once at the beginning, once when that was over, and again unless all of it was over by then.
  expect([2, 3]).toContain(asked());
  client.close();
});

test('a chat that is held up meanwhile goes on waiting, and fails when that is over', async () => {
  const { patience } = growing(40, 120);
  await expect(new VictimChat(to(patience)).say('Hi')).rejects.toMatchObject({
    ...{ code: 'ETIMEDOUT', message: 'no answer within 0.12 seconds' },
  });
});
