import { x25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';

interface Agreement {
  readonly publicOf: (privateKey: Uint8Array) => Uint8Array;
  readonly shared: (privateKey: Uint8Array, publicKey: Uint8Array) => Uint8Array;
}

type Curve = typeof p256;

/** By NamedGroup (RFC 8446, 4.2.7). */
const AGREEMENTS: Readonly<Record<number, Agreement>> = {
  23: nist(p256),
  24: nist(p384),
  25: nist(p521),
  29: {
    publicOf: (privateKey) => x25519.getPublicKey(privateKey),
    shared: (privateKey, publicKey) => x25519.getSharedSecret(privateKey, publicKey),
  },
};

/** Whether the shared secret of this group can be computed here from a private half. */
export function isComputable(group: number): boolean {
  return AGREEMENTS[group] !== undefined;
}

/** The public half that belongs to a private one; undefined for other groups, and for what is no private half. */
export function publicHalf(group: number, privateKey: Uint8Array): Uint8Array | undefined {
  return attempt(() => AGREEMENTS[group]?.publicOf(privateKey));
}

/**
 * What both ends compute from one private and the other public half (RFC 8446, 7.4.2; RFC 7748, 6.1): of the NIST
 * curves the x coordinate. Undefined for other groups, and for halves that lie on no curve.
 */
export function sharedSecret(
  group: number,
  privateKey: Uint8Array,
  publicKey: Uint8Array,
): Uint8Array | undefined {
  return attempt(() => AGREEMENTS[group]?.shared(privateKey, publicKey));
}

function nist(curve: Curve): Agreement {
  return {
    publicOf: (privateKey) => curve.getPublicKey(privateKey, false),
    // Compressed, a point is one byte for the sign of y, then x.
    shared: (privateKey, publicKey) => curve.getSharedSecret(privateKey, publicKey, true).subarray(1),
  };
}

function attempt(compute: () => Uint8Array | undefined): Uint8Array | undefined {
  try {
    return compute();
  } catch {
    // The library's way to refuse lengths, numbers and points that are none of the curve.
    return undefined;
  }
}
