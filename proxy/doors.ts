import type { Opener, Route } from '#contract';
import type { Relay } from './relay/relay.ts';

const openers = ['scripted-victim', 'demo-browser', 'stranger', 'other'] as const satisfies readonly Opener[];

/** One site of the lab and the relay's ports for it: which port a connection comes through tells who opened it. */
export interface Doors {
  readonly route: Route;
  readonly ports: Readonly<Record<(typeof openers)[number], number>>;
}

/** Where a site really listens, on loopback, and what the victim calls it. */
export interface Site {
  readonly name: string;
  readonly port: number;
  readonly address: string;
  readonly addressPort: number;
}

/** Opens the relay's ports for a site; the public one, for any client, is the route's `listen`. */
export async function openDoors(relay: Relay, site: Site): Promise<Doors> {
  const { name, port, address, addressPort } = site;
  const tls = port === 443;
  const target = { name, port, tls, address: { host: address, port: addressPort } };
  const ports = { 'scripted-victim': 0, 'demo-browser': 0, stranger: 0, other: 0 };
  for (const opener of openers) ports[opener] = await relay.open(target, opener);
  const host = address.includes(':') ? `[${address}]` : address;
  return { route: { name, port, tls, address: `${host}:${addressPort}`, listen: ports.other }, ports };
}
