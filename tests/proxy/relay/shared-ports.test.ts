import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { acceptedPorts, dialledPorts, type PortPair } from '../../../proxy/capture/port-pair.ts';
import { startHarness } from './harness.ts';

// The ports that Linux chooses while it dials come in a row for each port that is dialled. Of some twenty such rows two
// meet; of so many it is as good as sure.
const MOST_SITES = 120;
const CONNECTIONS = 12;

interface Dialled {
  /** Of the site. */
  readonly name: string;
  /** As the client's end and as the site's end has them. */
  readonly client: PortPair | undefined;
  readonly upstream: PortPair | undefined;
}

function isShared(ends: readonly (PortPair | undefined)[]): boolean {
  return new Set(ends.map((ports) => ports?.from)).size < ends.length;
}

test('a connection is known by its ports at either end, though others have the same one of their own', async () => {
  const { relay, log, reader, close } = await startHarness(undefined, {
    maxConnections: MOST_SITES * CONNECTIONS,
  });
  const sockets: Socket[] = [];
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await close();
  });
  const dialled: Dialled[] = [];
  const areShared = () => [
    isShared(dialled.map(({ client }) => client)),
    isShared(dialled.map(({ upstream }) => upstream)),
  ];
  for (let index = 0; index < MOST_SITES && areShared().includes(false); index += 1) {
    const name = `site-${index}.test`;
    const site = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void site.close());
    await once(site, 'listening');
    const address = { host: '127.0.0.1', port: (site.address() as AddressInfo).port };
    const port = await relay.open({ name, port: 80, tls: false, address }, 'other');
    for (let count = 0; count < CONNECTIONS; count += 1) {
      const accepted = once(site, 'connection') as Promise<[Socket]>;
      const client = connect({ host: '127.0.0.1', port });
      const [[atSite]] = await Promise.all([accepted, once(client, 'connect')]);
      for (const socket of [client, atSite]) sockets.push(socket.on('error', () => undefined));
      dialled.push({ name, client: dialledPorts(client, port), upstream: acceptedPorts(atSite) });
    }
  }
  // Elsewhere a system may give every connection a port of its own; here the test would show nothing then.
  if (process.platform === 'linux') expect(areShared()).toEqual([true, true]);
  const nameOf = (connection: number | undefined) =>
    reader.opened.find((opened) => opened.connection === connection)?.server.name;
  for (const { name, client, upstream } of dialled) {
    expect(nameOf(log.connectionOfClientPorts(client))).toBe(name);
    await expect.poll(() => nameOf(log.connectionOfUpstreamPorts(upstream))).toBe(name);
  }
});
