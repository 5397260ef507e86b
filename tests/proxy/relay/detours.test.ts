import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CaptureLog } from '../../../proxy/capture/log.ts';
import { Detours } from '../../../proxy/relay/detours.ts';
import { createRelay, type Relay } from '../../../proxy/relay/relay.ts';
import { deafPort } from '../../support/ports.ts';

const route = { name: 'piggypay.test', port: 443, tls: true };
let log: CaptureLog;
let relay: Relay;
let detours: Detours;
let servers: Server[];

/** Says its name to whoever comes. */
async function saying(name: string): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => undefined).end(name));
  server.listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function heardAt(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(chunks).toString();
}

beforeEach(() => {
  servers = [];
  log = new CaptureLog();
  log.begin({ routes: [] });
  detours = new Detours();
  relay = createRelay(log, { detours });
});
afterEach(async () => {
  await relay.close();
  for (const server of servers) server.close();
});

test('a detour leads one opener’s new connections to one site elsewhere, until it is closed', async () => {
  const address = { host: '127.0.0.1', port: await saying('site') };
  const stranger = { host: '127.0.0.1', port: await saying('stranger') };
  const victim = await relay.open({ ...route, address }, 'scripted-victim');
  const browser = await relay.open({ ...route, address }, 'demo-browser');
  const other = await relay.open({ ...route, name: 'other.test', address }, 'scripted-victim');
  const plain = await relay.open({ ...route, port: 80, address }, 'scripted-victim');
  expect(await heardAt(victim)).toBe('site');
  const lead = {
    name: 'piggypay.test',
    port: 443,
    openers: ['scripted-victim'],
    target: () => stranger,
  } as const;
  const leadBack = detours.open(lead);
  expect(await Promise.all([victim, browser, other, plain].map(heardAt))).toEqual([
    ...['stranger', 'site', 'site', 'site'],
  ]);
  leadBack();
  expect(await heardAt(victim)).toBe('site');
  const opened = log.after(0).flatMap((event) => (event.type === 'connection-opened' ? [event] : []));
  // Where the bytes really went; those that came together were accepted in any order.
  const led = opened.filter(({ server }) => server.address === `127.0.0.1:${stranger.port}`);
  expect(led).toMatchObject([{ opener: 'scripted-victim', server: { name: 'piggypay.test', port: 443 } }]);
});

test('where nobody listens any more the connection is reset, and does not reach the site', async () => {
  const address = { host: '127.0.0.1', port: await saying('site') };
  const victim = await relay.open({ ...route, address }, 'scripted-victim');
  const gone = await deafPort();
  const target = () => ({ host: '127.0.0.1', port: gone.port });
  detours.open({ name: 'piggypay.test', port: 443, openers: ['scripted-victim'], target });
  expect(await heardAt(victim)).toBe('');
  await gone.close();
});

test('a detour that does not lead to loopback leads nowhere', async () => {
  const address = { host: '127.0.0.1', port: await saying('site') };
  const victim = await relay.open({ ...route, address }, 'scripted-victim');
  const target = () => ({ host: '192.0.2.1', port: 443 });
  detours.open({ name: 'piggypay.test', port: 443, openers: ['scripted-victim'], target });
  expect(await heardAt(victim)).toBe('');
  expect(log.after(0).filter(({ type }) => type === 'connection-opened')).toEqual([]);
});

test('the events of a door carry the stretch of the way that it stands on', async () => {
  const address = { host: '127.0.0.1', port: await saying('site') };
  const door = await relay.open({ ...route, address, hop: 'onward' }, 'stranger');
  expect(await heardAt(door)).toBe('site');
  await expect.poll(() => log.after(0).at(-1)?.type).toBe('connection-closed');
  const hops = log.after(0).flatMap((event) => ('hop' in event ? [`${event.type} ${event.hop}`] : []));
  expect(hops).toEqual(['connection-opened onward', 'bytes-captured onward', 'connection-closed onward']);
});
