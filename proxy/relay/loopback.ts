import { isIPv4 } from 'node:net';

/** Where a site really listens: a literal loopback address and a port. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/**
 * Throws unless the target is a literal loopback address (127.0.0.0/8 or ::1) with a usable port. Names are
 * refused, `localhost` included: what a name means is decided elsewhere, and the relay looks nothing up.
 */
export function assertLoopback(target: Target): void {
  const { host, port } = target;
  if (!(isIPv4(host) && host.startsWith('127.')) && host !== '::1') {
    throw new Error(
      `refused to relay to ${JSON.stringify(host)}: only a literal loopback address (127.0.0.0/8 or ::1) is allowed`,
    );
  }
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new Error(`refused to relay to port ${port}: not a port number from 1 to 65535`);
  }
}

/** `host:port`, with the brackets that an IPv6 address needs. */
export function addressText(target: Target): string {
  return target.host.includes(':') ? `[${target.host}]:${target.port}` : `${target.host}:${target.port}`;
}
