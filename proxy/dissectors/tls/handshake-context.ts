import type { Direction } from '../message.ts';

/** What a handshake message cannot say of itself, because the hellos settled it. */
export interface HandshakeContext {
  /** The version that was agreed on, the real one; where it is not known, messages are read as those of TLS 1.2. */
  readonly version?: number | undefined;
  readonly cipherSuite?: number | undefined;
  /** Who sent it. */
  readonly from: Direction;
}
