import { joined } from '../bytes.ts';
import { pseudorandom } from '../derivation.ts';
import type { Suite } from '../suite.ts';

export interface Randoms {
  readonly client: Uint8Array;
  readonly server: Uint8Array;
}

/** The parts of the key block in their order; empty where the suite has no use for them (RFC 5246, 6.3). */
export interface KeyBlock {
  readonly clientMacKey: Uint8Array;
  readonly serverMacKey: Uint8Array;
  readonly clientKey: Uint8Array;
  readonly serverKey: Uint8Array;
  readonly clientVector: Uint8Array;
  readonly serverVector: Uint8Array;
}

const MASTER_SECRET = 48;
const VERIFY_DATA = 12;

/** RFC 5246, 8.1. */
export function masterSecret12({ hash }: Suite, preMaster: Uint8Array, randoms: Randoms): Uint8Array {
  const seed = joined(randoms.client, randoms.server);
  return pseudorandom(hash, preMaster, 'master secret', seed, MASTER_SECRET);
}

/** Over the handshake rather than over the randoms alone (RFC 7627, 4). */
export function extendedMasterSecret12(
  { hash }: Suite,
  preMaster: Uint8Array,
  sessionHash: Uint8Array,
): Uint8Array {
  return pseudorandom(hash, preMaster, 'extended master secret', sessionHash, MASTER_SECRET);
}

/** How long the whole block of a suite is, in bytes. */
export function keyBlockLength(suite: Suite): number {
  return 2 * (macLength(suite) + suite.keyLength + vectorLength(suite));
}

/** The key block uncut (RFC 5246, 6.3). */
export function keyBlock12(suite: Suite, master: Uint8Array, { client, server }: Randoms): Uint8Array {
  return pseudorandom(suite.hash, master, 'key expansion', joined(server, client), keyBlockLength(suite));
}

/** Cuts a key block into its parts. */
export function cutKeyBlock(suite: Suite, block: Uint8Array): KeyBlock {
  let at = 0;
  const take = (length: number): Uint8Array => block.subarray(at, (at += length));
  return {
    clientMacKey: take(macLength(suite)),
    serverMacKey: take(macLength(suite)),
    clientKey: take(suite.keyLength),
    serverKey: take(suite.keyLength),
    clientVector: take(vectorLength(suite)),
    serverVector: take(vectorLength(suite)),
  };
}

/** verify_data of a Finished; `transcript` is the hash of the handshake before it (RFC 5246, 7.4.9). */
export function verifyData12(
  { hash }: Suite,
  master: Uint8Array,
  sender: 'client' | 'server',
  transcript: Uint8Array,
): Uint8Array {
  return pseudorandom(hash, master, `${sender} finished`, transcript, VERIFY_DATA);
}

function macLength({ cipher, tagLength }: Suite): number {
  return cipher === 'aes-cbc' ? tagLength : 0;
}

/** GCM and CCM take 4 bytes from the key block and 8 from the record (RFC 5288, 3; RFC 6655, 3), ChaCha20 all 12 (RFC 7905, 2). */
function vectorLength({ cipher }: Suite): number {
  if (cipher === 'aes-cbc') return 0;
  return cipher === 'chacha20-poly1305' ? 12 : 4;
}
