import type { VictimHost } from '#contract';
import { isIPv4, isIPv6 } from 'node:net';

/** One of the user's own sites, added to the lab: `name:port` of the virtual network → a loopback address. */
export interface OwnRoute {
  readonly name: string;
  readonly port: number;
  readonly address: string;
  readonly addressPort: number;
}

/** The route cannot be used; the message says why. */
export class RouteError extends Error {}

/**
 * Reads `NAME:PORT=ADDRESS:PORT` (`shop.test:80=127.0.0.1:3000`, `[::1]:3000` for IPv6). Throws `RouteError`;
 * above all when the address is not a literal loopback address: this lab reaches nothing else.
 */
export function parseRoute(text: string): OwnRoute {
  const match = /^([^:=]+):(\d+)=(.+):(\d+)$/.exec(text);
  const [, rawName = '', rawPort = '', rawAddress = '', rawAddressPort = ''] = match ?? [];
  if (!match) throw new RouteError(`"${text}" is not of the form NAME:PORT=127.0.0.1:PORT.`);
  const name = rawName.toLowerCase();
  if (name.length > 253 || !/^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/.test(name)) {
    throw new RouteError(`"${rawName}" is not a host name.`);
  }
  const address = rawAddress.replace(/^\[(.*)\]$/, '$1');
  if (!isLoopback(address)) {
    throw new RouteError(
      `"${rawAddress}" is not a loopback address; the lab reaches 127.0.0.0/8 and ::1 only.`,
    );
  }
  return { name, port: parsePort(rawPort), address, addressPort: parsePort(rawAddressPort) };
}

/** Where the victim can log in, for whoever chooses: at the site itself, and at the hosts over HTTPS alone. */
export function victimHosts(
  siteName: string,
  others: readonly Pick<VictimHost, 'name' | 'about' | 'isGood'>[],
): readonly VictimHost[] {
  const about = 'The site itself, over HTTP and over HTTPS.';
  return [
    { name: siteName, about, isGood: true, hasHttp: true },
    ...others.map(({ name, about, isGood }) => ({ name, about, isGood, hasHttp: false })),
  ];
}

function isLoopback(address: string): boolean {
  return (isIPv4(address) && address.startsWith('127.')) || (isIPv6(address) && address === '::1');
}

function parsePort(text: string): number {
  const port = Number(text);
  if (port < 1 || port > 65535) throw new RouteError(`${text} is not a port; ports are 1 to 65535.`);
  return port;
}
