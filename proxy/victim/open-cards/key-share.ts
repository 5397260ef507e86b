import { createECDH, createPrivateKey, createPublicKey, diffieHellman, randomBytes } from 'node:crypto';
import { Refusal } from './alert.ts';

export const SECP256R1 = 23;
export const X25519 = 29;
/** NamedGroup of the exchange (RFC 8446, 4.2.7). */
export type Group = typeof SECP256R1 | typeof X25519;

/** Both halves of one end's key share, of which only the public one travels. */
export interface KeyShare {
  readonly group: Group;
  /** 32 bytes: the scalar. */
  readonly privateKey: Uint8Array;
  /** As it travels: 32 bytes of x25519, an uncompressed point of secp256r1 (RFC 8446, 4.2.8.2). */
  readonly publicKey: Uint8Array;
  /** What both ends compute; refuses a public key that is none of this group (RFC 8446, 7.4.2). */
  sharedWith(publicKey: Uint8Array): Uint8Array;
}

const LENGTH = 32;
const POINT = { length: 1 + 2 * LENGTH, uncompressed: 4 };
// What stands before the raw key in PKCS #8 and in SubjectPublicKeyInfo (RFC 8410, 4 and 7).
const PRIVATE_X25519 = Buffer.from('302e020100300506032b656e04220420', 'hex');
const PUBLIC_X25519 = Buffer.from('302a300506032b656e032100', 'hex');

/** A key share, fresh unless its private half is given. */
export function makeKeyShare(group: Group, privateKey?: Uint8Array): KeyShare {
  return group === X25519 ? onCurve25519(privateKey ?? randomBytes(LENGTH)) : onP256(privateKey);
}

function onCurve25519(scalar: Uint8Array): KeyShare {
  const key = createPrivateKey({
    key: Buffer.concat([PRIVATE_X25519, scalar]),
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-LENGTH);
  return {
    group: X25519,
    privateKey: Uint8Array.from(scalar),
    publicKey: Uint8Array.from(publicKey),
    sharedWith(other) {
      if (other.length !== LENGTH) throw noPublicKey('x25519');
      const spki = Buffer.concat([PUBLIC_X25519, other]);
      return computed('x25519', () =>
        diffieHellman({
          privateKey: key,
          publicKey: createPublicKey({ key: spki, format: 'der', type: 'spki' }),
        }),
      );
    },
  };
}

function onP256(scalar?: Uint8Array): KeyShare {
  const curve = createECDH('prime256v1');
  if (scalar) curve.setPrivateKey(scalar);
  else curve.generateKeys();
  const given = curve.getPrivateKey();
  const privateKey = new Uint8Array(LENGTH);
  // A scalar that begins with zeros comes without them.
  privateKey.set(given, LENGTH - given.length);
  return {
    group: SECP256R1,
    privateKey,
    publicKey: Uint8Array.from(curve.getPublicKey()),
    sharedWith(other) {
      if (other.length !== POINT.length || other[0] !== POINT.uncompressed) throw noPublicKey('secp256r1');
      return computed('secp256r1', () => curve.computeSecret(other));
    },
  };
}

/** OpenSSL refuses points off the curve, and an x25519 result of zeros only (RFC 7748, 6.1). */
function computed(group: string, compute: () => Buffer): Uint8Array {
  try {
    return Uint8Array.from(compute());
  } catch {
    throw noPublicKey(group);
  }
}

function noPublicKey(group: string): Refusal {
  return new Refusal('illegal_parameter', `the key share of the site is no public key of ${group}`);
}
