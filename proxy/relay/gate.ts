import type { ConnectionId, Direction, Opener, ServerEndpoint } from '#contract';

/** One direction of a connection, as a gate works on it. Positions count the bytes of that direction from 0. */
export interface Valve {
  /** How many bytes were read from the sender and recorded. */
  readonly captured: number;
  /** How many of them were passed on; the rest is held. */
  readonly passed: number;
  /** The sender's last word, which waits behind what is held. */
  readonly lastWord: 'end' | 'reset' | undefined;
  /** The receiver is gone: what is held can't reach anybody any more. */
  readonly isDead: boolean;
  /**
   * From now on holds what comes at or behind this position, and passes on what is held before it; with `Infinity`
   * holds nothing any more and asks nobody. What was passed on already stays so.
   */
  openTo(position: number): void;
}

/** A connection that asks to be let in. */
export interface Visitor {
  readonly connection: ConnectionId;
  readonly epoch: number;
  /** Whether its route ends in a TLS server. */
  readonly tls: boolean;
  readonly valves: Readonly<Record<Direction, Valve>>;
  /** Resets both ends. */
  drop(): void;
}

/** A valve that can also pass on other bytes than those that came. */
export interface RewritingValve extends Valve {
  /**
   * What is held of `[start, end)` goes on as these bytes instead, of whatever length, and as one piece: when all of
   * it may pass. Positions go on counting what was captured, which stays as it was read. Throws a `RangeError` for a
   * stretch that is empty, not held, or cuts into one that was replaced before.
   */
  replace(start: number, end: number, bytes: Uint8Array): void;
}

/** A visitor whose bytes can be changed on the way, and what is known of it from outside. */
export interface OpenVisitor extends Visitor {
  readonly opener: Opener;
  readonly server: ServerEndpoint;
  readonly valves: Readonly<Record<Direction, RewritingValve>>;
}

/** Watches over one connection. What it throws would break the relay: it must not. */
export interface GateKeeper {
  /** Bytes came and were recorded while their direction was held; none of them has been passed on yet. */
  arrived(direction: Direction, offset: number, bytes: Uint8Array): void;
  /** An end has hung up: what waited for it is lost, and its own last word waits behind what is held of it. */
  hungUp(): void;
  closed(): void;
}

/** Decides which bytes go on. It is asked once for each connection; of bytes only while their direction is held. */
export interface Gate {
  admit(visitor: OpenVisitor): GateKeeper;
}

const nobody: GateKeeper = {
  arrived: () => undefined,
  hungUp: () => undefined,
  closed: () => undefined,
};

/** Holds nothing, ever. */
export const passThrough: Gate = { admit: () => nobody };
