import type { ConnectionId, Direction } from '#contract';

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
  admit(visitor: Visitor): GateKeeper;
}

const nobody: GateKeeper = {
  arrived: () => undefined,
  hungUp: () => undefined,
  closed: () => undefined,
};

/** Holds nothing, ever. */
export const passThrough: Gate = { admit: () => nobody };
