import { once } from 'node:events';
import tls from 'node:tls';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RunningSite, runSite } from './running-site.ts';

let running: RunningSite;
beforeEach(async () => (running = await runSite()));
afterEach(() => running.site.close());

interface Handshake {
  readonly port: number | undefined;
  /** The client's own key log. */
  readonly lines: readonly string[];
  readonly session: Buffer;
  readonly isResumed: boolean;
}

/** One request over a connection of its own, so that session tickets have come by its end. */
async function shakeHands(options: tls.ConnectionOptions): Promise<Handshake> {
  const lines: string[] = [];
  let session = Buffer.alloc(0);
  const client = tls.connect({
    port: running.site.httpsPort,
    host: '127.0.0.1',
    ca: running.ca,
    servername: 'piggypay.test',
    ...options,
  });
  client.on('keylog', (line: Buffer) => lines.push(line.toString().trimEnd()));
  client.on('session', (ticket) => (session = ticket));
  await once(client, 'secureConnect');
  const { localPort: port } = client;
  const isResumed = client.isSessionReused();
  client.end('GET / HTTP/1.1\r\nHost: piggypay.test\r\nConnection: close\r\n\r\n').resume();
  await once(client, 'close');
  return { port, lines, session, isResumed };
}

function toldOf(port: number | undefined): string[] {
  return running.keyLog.filter(({ ports }) => ports?.from === port).map(({ line }) => line);
}

it.each([
  ['TLSv1.2', 1],
  ['TLSv1.3', 5],
] as const)(
  'the site’s key log holds the lines of the client’s, in full and resumed handshakes of %s',
  async (version, count) => {
    const full = await shakeHands({ minVersion: version, maxVersion: version });
    expect(full.lines).toHaveLength(count);
    expect(toldOf(full.port).toSorted()).toEqual(full.lines.toSorted());

    const again = await shakeHands({ minVersion: version, maxVersion: version, session: full.session });
    expect(again.isResumed).toBe(true);
    expect(toldOf(again.port).toSorted()).toEqual(again.lines.toSorted());
    expect(new Set([...full.lines, ...again.lines]).size).toBe(2 * count);
  },
);

it('is told whole before the site hears the first request of the connection', async () => {
  const linesBefore = running.heard('request-handled').then(() => running.keyLog.length);
  await shakeHands({});
  expect(await linesBefore).toBe(5);
});

it('is told of a handshake that the client breaks off, with its port', async () => {
  const lines: string[] = [];
  const client = tls.connect({
    port: running.site.httpsPort,
    host: '127.0.0.1',
    servername: 'piggypay.test',
  });
  const port = once(client, 'connect').then(() => client.localPort);
  client.on('keylog', (line: Buffer) => lines.push(line.toString().trimEnd()));
  await once(client, 'error');
  await running.heard('handshake-failed');
  const told = toldOf(await port);
  // The client's last secret is the site's only once the client's Finished has come.
  expect(told.length).toBeGreaterThanOrEqual(4);
  expect(lines).toEqual(expect.arrayContaining(told));
});

it('is not told over plain HTTP', async () => {
  await running.ask('http', '/');
  await running.heard('request-handled');
  expect(running.keyLog).toEqual([]);
});
