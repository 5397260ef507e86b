import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startHarness, type Harness } from './harness.ts';

let harness: Harness;

afterEach(async () => {
  vi.restoreAllMocks();
  await harness.close();
});

/** The addresses that something listens on at this TCP port. */
function listenersOn(port: number): readonly string[] {
  if (process.platform !== 'linux') {
    const text = execFileSync('netstat', ['-an'], { encoding: 'utf8' });
    const lines = text.split('\n').filter((line) => /LISTEN/.test(line));
    return lines
      .flatMap((line) => /(\S+)[.:](\d+)\s/.exec(line)?.slice(1, 3).join(' ') ?? [])
      .filter((found) => found.endsWith(` ${port}`))
      .map((found) => found.split(' ')[0] ?? '');
  }
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => readFileSync(path, 'utf8').split('\n'));
  const listening = rows.map((row) => row.trim().split(/\s+/)).filter((columns) => columns[3] === '0A');
  return listening.flatMap((columns) => {
    const [address, rowPort] = (columns[1] ?? '').split(':');
    return rowPort === hexPort && address !== undefined ? [address] : [];
  });
}

describe('the relay', () => {
  it('listens on 127.0.0.1 and on nothing else', async () => {
    harness = await startHarness();
    const loopback = process.platform === 'linux' ? '0100007F' : '127.0.0.1';
    expect(listenersOn(harness.door)).toEqual([loopback]);
  });

  for (const host of [
    '192.0.2.1',
    '0.0.0.0',
    '::',
    'localhost',
    'piggypay.test',
    '127.1',
    '::ffff:127.0.0.1',
    '',
  ]) {
    it(`refuses ${JSON.stringify(host)} as a target without dialling it or looking it up`, async () => {
      harness = await startHarness();
      const dials = vi.spyOn(Socket.prototype, 'connect');
      const listening = listenersOn(harness.door);
      await expect(
        harness.relay.open({ name: 'bad.test', port: 80, tls: false, address: { host, port: 80 } }, 'other'),
      ).rejects.toThrow(/only a literal loopback address/);
      expect(dials).not.toHaveBeenCalled();
      expect(listenersOn(harness.door)).toEqual(listening);
    });
  }

  it('refuses a target port that is none', async () => {
    harness = await startHarness();
    for (const port of [0, -1, 65_536, 1.5, NaN]) {
      const route = { name: 'bad.test', port: 80, tls: false, address: { host: '127.0.0.1', port } };
      await expect(harness.relay.open(route, 'other')).rejects.toThrow(/not a port number/);
    }
  });

  it('tells by the door who came', async () => {
    harness = await startHarness((socket) => socket.end());
    const address = { host: '127.0.0.1', port: harness.sitePort };
    const route = { name: 'piggypay.test', port: 443, tls: true, address };
    const door = await harness.relay.open(route, 'demo-browser');
    const client = new Socket().connect(door, '127.0.0.1');
    client.resume();
    await once(client, 'close');
    await harness.reader.closedConnections(1);
    expect(harness.reader.opened).toMatchObject([
      { opener: 'demo-browser', server: { name: 'piggypay.test', port: 443 } },
    ]);
  });

  it('resets the connection that is one too many, without a dial, and takes the next when one has gone', async () => {
    let atSite = 0;
    harness = await startHarness(
      (socket) => {
        atSite += 1;
        socket.resume();
        socket.on('end', () => socket.end());
      },
      { maxConnections: 2 },
    );
    const first = harness.dial();
    await harness.accepted();
    harness.dial();
    await harness.accepted();
    const tooMany = harness.dial();
    expect((await once(tooMany, 'error'))[0]).toMatchObject({ code: 'ECONNRESET' });
    expect(harness.reader.opened).toHaveLength(2);
    expect(atSite).toBe(2);
    first.end();
    await harness.reader.closedConnections(1);
    harness.dial();
    await harness.accepted();
    expect(atSite).toBe(3);
  });

  it('drops all connections at a reset and lets nothing of them into the next epoch', async () => {
    harness = await startHarness((socket) => socket.on('data', () => socket.write('more')));
    const clients = Array.from({ length: 5 }, () => harness.dial());
    const gone = clients.map((client) => once(client, 'error'));
    for (const client of clients) {
      client.write('hello');
      await once(client, 'data');
    }
    await harness.relay.dropConnections();
    expect(harness.reader.closed.map(({ by, how }) => `${by} ${how}`)).toEqual(
      clients.map(() => 'relay reset'),
    );
    const last = harness.log.lastSeq;
    for (const [error] of await Promise.all(gone)) expect(error).toMatchObject({ code: 'ECONNRESET' });
    expect(harness.log.lastSeq).toBe(last);
  });

  it('counts whoever has dialled before a reset to what is over, though nobody has accepted it yet', async () => {
    harness = await startHarness();
    // As many as a browser opens at once; by the next tick the kernel has them all.
    const gone = Array.from({ length: 6 }, () => once(harness.dial(), 'error'));
    await new Promise<void>((resolve) => process.nextTick(resolve));
    await harness.relay.dropConnections();
    harness.log.begin({ routes: [] });
    for (const [error] of await Promise.all(gone)) expect(error).toMatchObject({ code: 'ECONNRESET' });
    expect(harness.log.after(0).map(({ type }) => type)).toEqual(['epoch-started']);
  });

  it('resets a connection that outlived its epoch instead of mixing two captures', async () => {
    harness = await startHarness((socket) => socket.on('data', () => socket.write('more')));
    const client = harness.dial();
    client.write('hello');
    await once(client, 'data');
    harness.log.begin({ routes: [] });
    const gone = once(client, 'error');
    client.write('hello again');
    expect((await gone)[0]).toMatchObject({ code: 'ECONNRESET' });
    await harness.relay.dropConnections();
    expect(harness.log.after(0).map(({ type }) => type)).toEqual(['epoch-started']);
  });

  it('accepts nobody after it was closed', async () => {
    harness = await startHarness();
    await harness.relay.close();
    expect((await once(harness.dial(), 'error'))[0]).toMatchObject({ code: 'ECONNREFUSED' });
    const address = { host: '127.0.0.1', port: harness.sitePort };
    await expect(
      harness.relay.open({ name: 'late.test', port: 80, tls: false, address }, 'other'),
    ).rejects.toThrow(/closed/);
  });
});
