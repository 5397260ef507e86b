import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { acceptedPorts, dialledPorts } from '../../../proxy/capture/port-pair.ts';
import { deafPort } from '../../support/ports.ts';
import { Digest, received, receivedBytes, send, startHarness, type Harness } from './harness.ts';

let harness: Harness;

afterEach(async () => {
  await harness.close();
});

function digestOf(bytes: Uint8Array): string {
  const digest = new Digest();
  digest.add(bytes);
  return digest.toString();
}

/** What the socket delivers before its end or its reset; Node takes a reset behind data for an end. */
async function untilEndOrReset(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => socket.once('end', resolve).once('close', resolve));
  return Buffer.concat(chunks);
}

describe('a relayed connection', () => {
  it('is logged from its opening to its end, with all of its bytes between', async () => {
    harness = await startHarness((socket) => socket.on('data', () => socket.end('pong')));
    const client = harness.dial();
    client.write('ping');
    await once(client, 'connect');
    const { localPort } = client;
    expect(await received(client)).toBe(digestOf(Buffer.from('pong')));
    client.end();
    await harness.reader.closedConnections(1);

    expect(harness.log.after(1)).toEqual([
      expect.objectContaining({
        seq: 2,
        type: 'connection-opened',
        vantage: 'wire',
        hop: 'cafe',
        connection: 1,
        transport: 'tcp',
        client: { address: '127.0.0.1', port: localPort },
        server: { name: 'piggypay.test', port: 80, address: `127.0.0.1:${harness.sitePort}` },
        opener: 'other',
      }),
      expect.objectContaining({
        seq: 3,
        direction: 'client-to-server',
        offset: 0,
        bytes: Buffer.from('ping'),
      }),
      expect.objectContaining({
        seq: 4,
        direction: 'server-to-client',
        offset: 0,
        bytes: Buffer.from('pong'),
      }),
      expect.objectContaining({ seq: 5, type: 'connection-closed', connection: 1, by: 'server', how: 'end' }),
    ]);
  });

  it('is found by the ports that the site sees and by those that the victim has', async () => {
    let sitesView: number | undefined;
    harness = await startHarness((socket) => {
      socket.once('data', () => {
        sitesView = harness.log.connectionOfUpstreamPorts(acceptedPorts(socket));
        socket.end();
      });
    });
    const client = harness.dial();
    client.write('who am I?');
    const ended = received(client);
    await once(client, 'connect');
    await ended;
    expect(sitesView).toBe(1);
    expect(harness.log.connectionOfClientPorts(dialledPorts(client, harness.door))).toBe(1);
  });

  it('passes a half-close of the client on and still delivers the whole answer', async () => {
    let atSite = '';
    harness = await startHarness((socket) => {
      void received(socket).then((digest) => {
        atSite = digest;
        return send(socket, 300_000);
      });
    });
    const client = harness.dial();
    const answer = received(client);
    const sent = await send(client, 70_000);
    const delivered = await answer;
    const [closed] = await harness.reader.closedConnections(1);
    expect(atSite).toBe(sent);
    expect(delivered).toMatch(/^300000:/);
    expect(String(harness.reader.stream(1, 'client-to-server'))).toBe(sent);
    expect(String(harness.reader.stream(1, 'server-to-client'))).toBe(delivered);
    expect(closed).toMatchObject({ by: 'client', how: 'end' });
  });

  it('passes a half-close of the site on and still delivers what the client sends afterwards', async () => {
    let atSite: Promise<string> | undefined;
    harness = await startHarness((socket) => {
      atSite = received(socket);
      socket.end('that is all from me');
    });
    const client = harness.dial();
    expect(await received(client)).toBe(digestOf(Buffer.from('that is all from me')));
    const sent = await send(client, 500_000);
    expect(await atSite).toBe(sent);
    const [closed] = await harness.reader.closedConnections(1);
    expect(String(harness.reader.stream(1, 'client-to-server'))).toBe(sent);
    expect(closed).toMatchObject({ by: 'server', how: 'end' });
  });

  for (const size of [0, 1, 5, 65_535]) {
    it(`passes a reset of the site on after ${size} bytes`, async () => {
      harness = await startHarness();
      const client = harness.dial();
      const site = await harness.accepted();
      const bytes = Buffer.alloc(size, 'site ');
      const arrived = receivedBytes(client, size);
      client.resume();
      site.write(bytes);
      await arrived;
      const failed = once(client, 'error');
      site.resetAndDestroy();
      expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
      const [closed] = await harness.reader.closedConnections(1);
      expect(closed).toMatchObject({ by: 'server', how: 'reset' });
      expect(String(harness.reader.stream(1, 'server-to-client'))).toBe(digestOf(bytes));
    });

    it(`passes a reset of the client on after ${size} bytes`, async () => {
      harness = await startHarness();
      const client = harness.dial();
      const site = await harness.accepted();
      const bytes = Buffer.alloc(size, 'client ');
      const arrived = receivedBytes(site, size);
      site.resume();
      client.write(bytes);
      await arrived;
      const failed = once(site, 'error');
      client.resetAndDestroy();
      expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
      const [closed] = await harness.reader.closedConnections(1);
      expect(closed).toMatchObject({ by: 'client', how: 'reset' });
      expect(String(harness.reader.stream(1, 'client-to-server'))).toBe(digestOf(bytes));
    });

    it(`does not take a reset right behind ${size} bytes of the site for an end`, async () => {
      harness = await startHarness((socket) => {
        socket.write(Buffer.alloc(size, 'site '));
        socket.resetAndDestroy();
      });
      harness.dial().resume();
      const [closed] = await harness.reader.closedConnections(1);
      expect(closed).toMatchObject({ by: 'server', how: 'reset' });
    });

    it(`does not take a reset right behind ${size} bytes of the client for an end`, async () => {
      harness = await startHarness((socket) => socket.resume());
      const client = harness.dial();
      await harness.accepted();
      client.write(Buffer.alloc(size, 'client '));
      client.resetAndDestroy();
      const [closed] = await harness.reader.closedConnections(1);
      expect(closed).toMatchObject({ by: 'client', how: 'reset' });
    });
  }

  it('invents nothing for a slow reader when the site resets in the middle', async () => {
    harness = await startHarness();
    const client = harness.dial();
    const site = await harness.accepted();
    const sent = Buffer.alloc(4 * 1024 * 1024, 'still there ');
    site.write(sent, () => site.resetAndDestroy());
    const [delivered, closed] = await Promise.all([
      untilEndOrReset(client),
      harness.reader.closedConnections(1),
    ]);
    const logged = harness.reader.stream(1, 'server-to-client');
    expect(closed[0]).toMatchObject({ by: 'server', how: 'reset' });
    expect(logged.length).toBeGreaterThan(65_535);
    // A reset overtakes what the system has not sent yet; what does arrive is what was sent.
    expect(delivered.length).toBeLessThanOrEqual(logged.length);
    expect(delivered.equals(sent.subarray(0, delivered.length))).toBe(true);
    expect(String(logged)).toBe(digestOf(sent.subarray(0, logged.length)));
  });

  it('survives a client that is gone before the site is reached', async () => {
    harness = await startHarness((socket) => socket.resume());
    for (let round = 1; round <= 20; round += 1) {
      const client = harness.dial();
      await once(client, 'connect');
      client.resetAndDestroy();
    }
    const closed = await harness.reader.closedConnections(20);
    expect(closed.map(({ how }) => how)).toEqual(Array.from({ length: 20 }, () => 'reset'));
  });

  it('resets the client when the site refuses, and says so', async () => {
    harness = await startHarness();
    const deaf = await deafPort();
    onTestFinished(() => deaf.close());
    const address = { host: '127.0.0.1', port: deaf.port };
    const door = await harness.relay.open({ name: 'deaf.test', port: 80, tls: false, address }, 'other');
    const client = connect({ host: '127.0.0.1', port: door });
    expect((await once(client, 'error'))[0]).toMatchObject({ code: 'ECONNRESET' });
    const [closed] = await harness.reader.closedConnections(1);
    expect(closed).toMatchObject({ by: 'server', how: 'error', error: 'ECONNREFUSED' });
  });

  it('stays apart from 200 others that run at the same time', async () => {
    const atSite = new Map<string, string>();
    harness = await startHarness((socket) => {
      const first = once(socket, 'data') as Promise<[Buffer]>;
      void first.then(async ([name]) => {
        atSite.set(String(name), await send(socket, 20_000 + name.length, 1000));
      });
    });
    const delivered = new Map<string, string>();
    const clients = Array.from({ length: 200 }, async (_, index) => {
      const client: Socket = harness.dial();
      client.write(`client number ${index}`);
      delivered.set(`client number ${index}`, await received(client));
      client.end();
    });
    await Promise.all(clients);
    await harness.reader.closedConnections(200);
    const logged = new Set(
      harness.reader.opened.map(({ connection }) =>
        String(harness.reader.stream(connection, 'server-to-client')),
      ),
    );
    expect(delivered).toEqual(atSite);
    expect(logged).toEqual(new Set(atSite.values()));
  });
});
