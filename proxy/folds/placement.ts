import type { Opener } from '#contract';
import type { LaneName } from './traffic.ts';
import type { WireConnection } from './wire-connection.ts';

/** Where a connection is shown: in a lane, or parked with a reason. `lane` also says whose bytes it counts among. */
export interface Placement {
  readonly lane: LaneName | undefined;
  readonly parked?: string;
}

/** What a connection's place depends on besides itself. */
export interface Surroundings {
  /** Whether the route it took ends in a TLS server; undefined when the route is not known. */
  readonly tlsRoute: boolean | undefined;
  /** Another connection of the same client to the same site, opened at about the same time, carries a request. */
  readonly hasBusySibling: () => boolean;
  /** Its site is there over HTTP too, so that what fails here stands beside what went well there. */
  readonly hasBothLanes: () => boolean;
}

/** The lab's resolver over HTTPS. A stranger knows such names, and what they are for, from the ClientHello. */
export const RESOLVER_NAME = 'resolver.test';
const RESOLVER_REASON =
  'The name was asked for over HTTPS (DoH): the query is sealed; the next ClientHello still names the site.';

const ONWARD_REASON =
  'The stranger’s own connection to the site, behind the one of the victim that it answers itself.';

const VICTIMS: readonly Opener[] = ['scripted-victim', 'demo-browser'];

/** Decides where a connection is shown, by what it has carried so far. */
export function place(connection: WireConnection, surroundings: Surroundings): Placement {
  if (connection.opening.transport === 'udp') return { lane: undefined, parked: udpReason(connection) };
  if (connection.opening.server.name === RESOLVER_NAME)
    return { lane: undefined, parked: parkingReason(connection, surroundings) ?? RESOLVER_REASON };
  const { tlsRoute } = surroundings;
  const lane = connection.traffic.lane ?? (tlsRoute === undefined ? undefined : tlsRoute ? 'https' : 'http');
  const parked = parkingReason(connection, surroundings);
  return parked === undefined ? { lane } : { lane, parked };
}

/** The victim came to log in, and left or was left before it could ask for anything. */
export function isBrokenOff(connection: WireConnection): boolean {
  const { hop, bytes, closed, opening, traffic, handshakeFinished } = connection;
  if (hop !== 'cafe' || bytes === 0 || !closed || traffic.carriesRequest || handshakeFinished) return false;
  return traffic.first?.protocol === 'tls' && VICTIMS.includes(opening.opener);
}

function parkingReason(connection: WireConnection, surroundings: Surroundings): string | undefined {
  const { hasBusySibling, hasBothLanes } = surroundings;
  const { traffic, closed } = connection;
  if (connection.hop === 'onward') return ONWARD_REASON;
  if (connection.bytes === 0) {
    if (connection.hasLostBytes) return 'What it carried was dropped to bound the log.';
    if (closed?.how === 'error')
      return `The site could not be reached (${closed.error ?? 'no reason given'}).`;
    return closed
      ? 'Opened and closed without a byte: a spare connection.'
      : 'Opened, and nothing was sent on it so far.';
  }
  if (traffic.carriesRequest) return undefined;
  if (traffic.aside !== undefined) return traffic.aside;
  const first = traffic.first;
  if (first?.protocol !== 'tls') return first?.detail ?? 'Too few bytes to tell what it speaks.';
  if (isBrokenOff(connection) && hasBothLanes() && !hasBusySibling()) return undefined;
  if (closed) {
    if (traffic.alert !== undefined) return `The handshake failed: ${traffic.alert}.`;
    return connection.handshakeFinished
      ? 'A handshake and no request after it: a spare connection.'
      : 'The handshake was broken off.';
  }
  // Shown while it may still become the login; parked as soon as another one turns out to be it.
  return hasBusySibling() ? 'A handshake and no request so far: a spare connection.' : undefined;
}

function udpReason(connection: WireConnection): string {
  return connection.hop === 'resolver'
    ? 'Name lookup (DNS): the name of the site in clear, before any connection to it.'
    : 'UDP, which the login does not use.';
}
