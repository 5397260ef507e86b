import type { Socket } from 'node:net';

/**
 * What a TCP connection on loopback is known by: the port of whoever dialled, and the port that was dialled. One of the
 * two is not enough: Linux gives connections to different ports the same port of their own.
 */
export interface PortPair {
  readonly from: number;
  readonly to: number;
}

/** Of the end that has dialled the port `to`; undefined where it has no port of its own yet, or none any more. */
export function dialledPorts({ localPort: from }: Socket, to: number): PortPair | undefined {
  return from === undefined ? undefined : { from, to };
}

/** Of the end that was dialled; undefined where the connection is gone again. */
export function acceptedPorts({ remotePort: from, localPort: to }: Socket): PortPair | undefined {
  return from === undefined || to === undefined ? undefined : { from, to };
}
