import { createECDH, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';

/** The numbers that a pair is made of, in hex, big-endian but for X25519, and what was computed from them to check them. */
export interface EcNumbers {
  readonly curve: 'P-256';
  /** Private: the scalar. */
  readonly d: string;
  /** Public: the point d·G. */
  readonly x: string;
  readonly y: string;
  /** d·G, computed once more from d alone, is (x, y). */
  readonly isPointOfScalar: boolean;
}

export interface X25519Numbers {
  readonly curve: 'X25519';
  /** Private: 32 bytes, little-endian, from which the scalar is decoded (RFC 7748, 5). */
  readonly d: string;
  /** Little-endian, as it travels in a key share (RFC 7748, 5). */
  readonly u: string;
  /** X25519(d, 9), computed once more from d and the base point, is u. */
  readonly isPointOfScalar: boolean;
}

export interface RsaNumbers {
  readonly bits: number;
  /** Public: modulus and exponent. */
  readonly n: string;
  readonly e: string;
  /** Private: exponent and both primes. */
  readonly d: string;
  readonly p: string;
  readonly q: string;
  /** p·q = n */
  readonly isProduct: boolean;
  /** e·d ≡ 1 mod lcm(p−1, q−1) (RFC 8017, 3.2) */
  readonly isInverse: boolean;
}

/** Of a private key on P-256. */
export function ecNumbers(key: KeyObject): EcNumbers {
  const { d, x, y } = key.export({ format: 'jwk' });
  const point = createECDH('prime256v1');
  point.setPrivateKey(bytesOf(d));
  const isPointOfScalar = point.getPublicKey('hex') === `04${hexOf(x)}${hexOf(y)}`;
  return { curve: 'P-256', d: hexOf(d), x: hexOf(x), y: hexOf(y), isPointOfScalar };
}

/** The u-coordinate 9 (RFC 7748, 4.1), in base64url. */
const BASE_POINT = Buffer.concat([Buffer.of(9), Buffer.alloc(31)]).toString('base64url');

/** Of a private key for X25519. */
export function x25519Numbers(key: KeyObject): X25519Numbers {
  const { d, x } = key.export({ format: 'jwk' });
  const base = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'X25519', x: BASE_POINT } });
  const point = diffieHellman({ privateKey: key, publicKey: base });
  return { curve: 'X25519', d: hexOf(d), u: hexOf(x), isPointOfScalar: point.equals(bytesOf(x)) };
}

/** Of a private RSA key with two primes. */
export function rsaNumbers(key: KeyObject): RsaNumbers {
  const { n, e, d, p, q } = key.export({ format: 'jwk' });
  const modulus = numberOf(n);
  const [one, other] = [numberOf(p), numberOf(q)];
  const order = leastCommonMultiple(one - 1n, other - 1n);
  return {
    bits: modulus.toString(2).length,
    ...{ n: hexOf(n), e: hexOf(e), d: hexOf(d), p: hexOf(p), q: hexOf(q) },
    isProduct: one * other === modulus,
    isInverse: (numberOf(e) * numberOf(d)) % order === 1n,
  };
}

function leastCommonMultiple(a: bigint, b: bigint): bigint {
  let [large, small] = [a, b];
  while (small !== 0n) [large, small] = [small, large % small];
  return (a / large) * b;
}

function bytesOf(base64url: string | undefined): Buffer {
  return Buffer.from(base64url ?? '', 'base64url');
}

function hexOf(base64url: string | undefined): string {
  return bytesOf(base64url).toString('hex');
}

function numberOf(base64url: string | undefined): bigint {
  return BigInt(`0x${hexOf(base64url)}`);
}
