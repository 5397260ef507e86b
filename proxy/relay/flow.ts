import type { Socket } from 'node:net';
import type { Direction } from '#contract';

/** One direction of a relayed connection. */
export interface Flow {
  readonly direction: Direction;
  readonly party: 'client' | 'server';
  readonly from: Socket;
  readonly to: Socket;
  /** How many bytes were read. */
  offset: number;
  /** The reader does not keep up. */
  paused: boolean;
  /** A gate holds what comes: the valve of this direction takes it. */
  isHeld: boolean;
  /** So much is held that nothing more is read. */
  isFull: boolean;
}

export function openFlow(party: Flow['party'], from: Socket, to: Socket): Flow {
  const direction = party === 'client' ? 'client-to-server' : 'server-to-client';
  return { direction, party, from, to, offset: 0, paused: false, isHeld: false, isFull: false };
}
