import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { received, send, startHarness, type Harness } from './harness.ts';

const megabyte = 1024 * 1024;
let harness: Harness;

afterEach(async () => {
  await harness.close();
});

/** Asks an echo server through the same relay, so many times, one after the other. */
async function roundTrips(count: number): Promise<void> {
  const echo = createServer((socket) => socket.pipe(socket));
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const { port } = echo.address() as AddressInfo;
  const address = { host: '127.0.0.1', port };
  const door = await harness.relay.open({ name: 'echo.test', port: 80, tls: false, address }, 'other');
  const client = connect({ host: '127.0.0.1', port: door });
  for (let round = 0; round < count; round += 1) {
    client.write('?');
    await once(client, 'data');
  }
  client.destroy();
  await new Promise((resolve) => echo.close(resolve));
}

/** Other visitors are served until the captured length has stood still for 200 of their round trips. */
async function untilStalled(length: () => number): Promise<void> {
  for (let before = -1; before !== length();) {
    before = length();
    await roundTrips(200);
  }
}

async function stalledReader(
  writer: () => Socket,
  reader: () => Socket,
  length: () => number,
): Promise<void> {
  const total = 300 * megabyte;
  const before = process.memoryUsage().arrayBuffers;
  const sent = send(writer(), total);
  await untilStalled(length);
  // What the kernel takes on four sockets, and not a chunk of the remaining 250 MB.
  expect(length()).toBeLessThan(48 * megabyte);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * megabyte);
  const delivered = received(reader());
  reader().resume();
  expect(await delivered).toBe(await sent);
}

it('holds back 300 MB for a client that does not read, then delivers all of it', async () => {
  harness = await startHarness(undefined, { limitBytes: 8 * megabyte });
  const client = harness.dial();
  const site = await harness.accepted();
  const logged = harness.reader.stream(1, 'server-to-client');
  await stalledReader(
    () => site,
    () => client,
    () => logged.length,
  );
  client.end();
  await harness.reader.closedConnections(1);
  expect(logged.length).toBe(300 * megabyte);
  expect(harness.log.bytes).toBeLessThanOrEqual(8 * megabyte);
});

it('holds back 300 MB for a site that does not read, then delivers all of it', async () => {
  harness = await startHarness(undefined, { limitBytes: 8 * megabyte });
  const client = harness.dial();
  const site = await harness.accepted();
  const logged = harness.reader.stream(1, 'client-to-server');
  await stalledReader(
    () => client,
    () => site,
    () => logged.length,
  );
  site.end();
  await harness.reader.closedConnections(1);
  expect(logged.length).toBe(300 * megabyte);
});

it('gives slow readers on both sides exactly what was sent and logged', async () => {
  const total = 24 * megabyte;
  harness = await startHarness(undefined, { limitBytes: 2 * megabyte });
  const client = harness.dial();
  const site = await harness.accepted();
  for (const socket of [client, site]) {
    // Reads one chunk, then lets the other connections of the process go first a few times.
    socket.on('data', () => {
      socket.pause();
      setImmediate(() => setImmediate(() => setImmediate(() => socket.resume())));
    });
  }
  const [request, answer, atSite, atClient] = await Promise.all([
    send(client, total, 100_001),
    send(site, total, 77_777),
    received(site),
    received(client),
  ]);
  await harness.reader.closedConnections(1);
  expect([atSite, atClient]).toEqual([request, answer]);
  expect(String(harness.reader.stream(1, 'client-to-server'))).toBe(request);
  expect(String(harness.reader.stream(1, 'server-to-client'))).toBe(answer);
});

it('corrupts nothing for slow readers while the log, which nobody reads, uses its memory again', async () => {
  const total = 48 * megabyte;
  harness = await startHarness(undefined, { limitBytes: megabyte, unread: true });
  const pairs = [];
  for (let pair = 0; pair < 3; pair += 1) {
    const client = harness.dial();
    pairs.push({ client, site: await harness.accepted() });
  }
  const outcomes = await Promise.all(
    pairs.map(async ({ client, site }, index) => {
      client.on('data', () => {
        client.pause();
        let turns = index * 20;
        const wait = (): void => {
          turns -= 1;
          if (turns > 0) setImmediate(wait);
          else client.resume();
        };
        setImmediate(wait);
      });
      const [sent, delivered] = await Promise.all([send(site, total), received(client)]);
      return { sent, delivered };
    }),
  );
  for (const { sent, delivered } of outcomes) expect(delivered).toBe(sent);
});
