import type { Socket } from 'node:net';

/** What tells a client's connection from all others: its own port, which others may have too, and the one it came to. */
export interface PortPair {
  readonly from: number;
  readonly to: number;
}

// A client that leaves without a word takes its ports with it.
const known = new WeakMap<Socket, PortPair>();

/** Undefined where the connection had ended before it was first asked for. */
export function portsOf(socket: Socket): PortPair | undefined {
  const { remotePort: from, localPort: to } = socket;
  if (!known.has(socket) && from !== undefined && to !== undefined) known.set(socket, { from, to });
  return known.get(socket);
}
