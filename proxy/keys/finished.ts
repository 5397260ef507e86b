import { hmac } from '@noble/hashes/hmac.js';
import type { Direction } from '#dissectors/message.ts';
import { sameBytes } from './bytes.ts';
import { expandLabel, pseudorandom } from './derivation.ts';
import type { ClientHello, ServerHello } from './hellos.ts';
import type { LoggedSecrets } from './key-log.ts';
import { suiteOf } from './suite.ts';
import type { Transcript } from './transcript.ts';

/**
 * Whether a Finished is the one that follows from the handshake as it was captured. `unchecked`: part of the
 * handshake, or the secret, is missing.
 */
export type FinishedCheck = 'verified' | 'wrong' | 'unchecked';

const TLS_1_3 = 0x0304;
const HEADER = 4;
const VERIFY_DATA_12 = 12;

/** What a Finished is checked against. */
export interface Handshake {
  readonly keyLog: LoggedSecrets;
  readonly client: ClientHello | undefined;
  readonly server: ServerHello | undefined;
  /** Every handshake message before it. */
  readonly transcript: Transcript;
}

/** Compares the verify_data of a whole Finished, header included (RFC 8446, 4.4.4; RFC 5246, 7.4.9). */
export function checkFinished(
  message: Uint8Array,
  from: Direction,
  { keyLog, client, server, transcript }: Handshake,
): FinishedCheck {
  const suite = server && suiteOf(server.cipherSuite);
  const seen = suite && transcript.hashed(suite.hash);
  if (!client || !seen) return 'unchecked';
  const isClient = from === 'client-to-server';
  const is13 = server.version === TLS_1_3;
  const secret = keyLog.secret(
    is13
      ? isClient
        ? 'CLIENT_HANDSHAKE_TRAFFIC_SECRET'
        : 'SERVER_HANDSHAKE_TRAFFIC_SECRET'
      : 'CLIENT_RANDOM',
    client.name,
  );
  if (!secret) return 'unchecked';
  const { hash } = suite;
  const due = is13
    ? hmac(hash, expandLabel(hash, secret, 'finished', hash.outputLen), seen)
    : pseudorandom(hash, secret, isClient ? 'client finished' : 'server finished', seen, VERIFY_DATA_12);
  return sameBytes(message.subarray(HEADER), due) ? 'verified' : 'wrong';
}
