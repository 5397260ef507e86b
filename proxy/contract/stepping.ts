import type { ConnectionId, Direction } from './log.ts';

/** `step`: the relay holds what it reads, and lets one unit through at a time. */
export type SteppingMode = 'live' | 'step';
/** By the route: whether it ends in a TLS server. */
export type SteppingLane = 'http' | 'https';

/** `PUT /api/stepping`; without a lane, both. */
export interface SteppingRequest {
  readonly mode: SteppingMode;
  readonly lane?: SteppingLane;
}

/** `POST /api/stepping/next`: one unit of that lane; without a lane, one of each lane that steps. */
export interface NextRequest {
  readonly lane?: SteppingLane;
}

/** A unit that is held: a TLS record, an HTTP message, a WebSocket frame, else a chunk. */
export interface HeldUnit {
  readonly connection: ConnectionId;
  readonly direction: Direction;
  readonly lane: SteppingLane;
  /** Position of its first held byte in that direction. */
  readonly offset: number;
  /** How many of its bytes are held by now. */
  readonly bytes: number;
  /** Its end was seen; of any other, what is still to come goes on with it. */
  readonly complete: boolean;
  /** What it is, how large and which way it goes: `ClientHello, 512 B, victim → site`. */
  readonly unit: string;
}

/** Answer of both calls and of `GET /api/stepping`. */
export interface Stepping {
  /** `step` when any lane steps. */
  readonly mode: SteppingMode;
  readonly lanes: Readonly<Record<SteppingLane, SteppingMode>>;
  /** In the order in which they came, which is that of going on; the first hundred. */
  readonly held: readonly HeldUnit[];
}
