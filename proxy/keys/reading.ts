import type { HandshakeMessage } from './handshake-stream.ts';
import type { Content } from './protection.ts';

/**
 * Why a record stays sealed: a hello is missing before it; the key log has nothing of this connection, or not
 * this secret; the version or the cipher suite is not undone here; the tag or MAC does not verify; records before
 * it are missing; it did not arrive whole.
 */
export type SealedWhy =
  'no-hello' | 'no-key' | 'no-secret' | 'not-supported' | 'not-verified' | 'missing-records' | 'incomplete';

export interface Sealed {
  readonly state: 'sealed';
  readonly why: SealedWhy;
  /** One sentence. */
  readonly reason: string;
}

interface Read extends Content {
  /** Handshake messages that end in this record. */
  readonly handshake: readonly HandshakeMessage[];
  /** Bytes at the front that belong to a handshake message begun in an earlier record. */
  readonly carriedOver: number;
}

/** It was never encrypted. */
export interface Clear extends Read {
  readonly state: 'clear';
}

/** Its tag or MAC verified with a secret of the key log. */
export interface Opened extends Read {
  readonly state: 'opened';
  /** The version whose layout the plaintext has: `0x0303` or `0x0304`. */
  readonly version: number;
}

/** What a record turned out to hold, or why it stays sealed. */
export type RecordReading = Clear | Opened | Sealed;

export function sealed(why: SealedWhy, reason: string): Sealed {
  return { state: 'sealed', why, reason };
}

/** Why keys that are there did not open a record. */
export function notVerified(
  keys: { readonly proven: boolean; readonly inStep: boolean },
  gap: boolean,
): Sealed {
  if (gap)
    return sealed(
      'missing-records',
      'Records before this one are missing from the capture, and the tag does not verify as any that could follow.',
    );
  return keys.proven
    ? sealed(
        'not-verified',
        'The tag does not verify, though the key is the right one: the record was altered, injected or sent again.',
      )
    : sealed(
        'not-verified',
        'The tag does not verify: the key is not the right one, or the record was altered.',
      );
}
