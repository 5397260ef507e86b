import { numberOf } from './big-number.ts';
import {
  DER_BIT_STRING,
  DER_INTEGER,
  DER_OBJECT_IDENTIFIER,
  DER_OCTET_STRING,
  DER_SEQUENCE,
  derItems,
  type DerItem,
  derSequence,
} from './der-items.ts';
import { hex } from '#dissectors/text.ts';

/** The numbers of an RSA key pair under the names of RFC 8017, 3.2; the second representation. */
export interface RsaPrivateKey {
  readonly n: bigint;
  readonly e: bigint;
  readonly p: bigint;
  readonly q: bigint;
  readonly dP: bigint;
  readonly dQ: bigint;
  readonly qInv: bigint;
}

/** What a file or an event holds that should be a private key. `why` is one sentence, and quotes nothing of it. */
export type PrivateKeyReading =
  | { readonly kind: 'RSA'; readonly key: RsaPrivateKey }
  /** `publicPoint` as in a certificate; absent where the key does not carry it. */
  | { readonly kind: 'EC'; readonly publicPoint?: Uint8Array }
  | { readonly kind: 'none'; readonly why: string };

const RSA_ENCRYPTION = '2a864886f70d010101';
const EC_PUBLIC_KEY = '2a8648ce3d0201';
const ED25519 = '2b6570';
const ED448 = '2b6571';
/** `[1]`, where an ECPrivateKey has its public point (RFC 5915, 3). */
const PUBLIC_KEY = 0xa1;
// Longer than any key in use; a made-up one would keep this busy for minutes.
const MOST_BITS = 16_384;
// All numbers of such a key, with what PKCS #8 may say besides.
const MOST_BYTES = 64 * 1024;

const DAMAGED = 'The numbers of this RSA key do not belong together: it is damaged.';
const NO_KEY = 'This is no private key: neither PKCS #8 nor PKCS #1.';

/** Reads a private key in DER: PKCS #8 (RFC 5958, 2), PKCS #1 (RFC 8017, A.1.2) or SEC 1 (RFC 5915, 3). */
export function readPrivateKey(der: Uint8Array): PrivateKeyReading {
  if (der.length > MOST_BYTES)
    return none(`A private key of more than ${MOST_BYTES / 1024} KiB is not read.`);
  const items = derSequence(der);
  if (!items) return none(NO_KEY);
  const [version, second, third] = items;
  if (version?.tag === DER_SEQUENCE && second?.tag === DER_OCTET_STRING)
    return none('This private key is locked with a passphrase: unlock it first.');
  if (version?.tag !== DER_INTEGER) return none(NO_KEY);
  if (second?.tag === DER_SEQUENCE && third?.tag === DER_OCTET_STRING)
    return readWrapped(algorithmOf(second), third.content);
  if (second?.tag === DER_OCTET_STRING) return ecKey(items);
  return rsaKey(items);
}

/** Whether a certificate's SubjectPublicKeyInfo (DER) has the other half; undefined where the key does not tell. */
export function isOtherHalf(info: Uint8Array, key: PrivateKeyReading): boolean | undefined {
  const bits = derSequence(info)
    ?.find(({ tag }) => tag === DER_BIT_STRING)
    ?.content.subarray(1);
  if (!bits) return undefined;
  if (key.kind === 'RSA') {
    const [modulus] = derSequence(bits) ?? [];
    // Behind the zero that a sign may take; a made-up certificate has room for megabytes.
    if (modulus?.tag !== DER_INTEGER || modulus.content.length > MOST_BITS / 8 + 1) return false;
    return numberOf(modulus.content) === key.key.n;
  }
  if (key.kind === 'none' || !key.publicPoint) return undefined;
  return hex(bits) === hex(key.publicPoint);
}

function readWrapped(algorithm: string | undefined, content: Uint8Array): PrivateKeyReading {
  if (algorithm === RSA_ENCRYPTION) return rsaKey(derSequence(content) ?? []);
  if (algorithm === EC_PUBLIC_KEY) return ecKey(derSequence(content) ?? []);
  if (algorithm === ED25519 || algorithm === ED448) return { kind: 'EC' };
  return none('This private key is of a kind that is not read here: it is neither RSA nor EC.');
}

function algorithmOf({ content }: DerItem): string | undefined {
  const [identifier] = derItems(content) ?? [];
  return identifier?.tag === DER_OBJECT_IDENTIFIER ? hex(identifier.content) : undefined;
}

function rsaKey(items: readonly DerItem[]): PrivateKeyReading {
  const numbers = items.slice(0, 9).map(({ tag, content }) => (tag === DER_INTEGER ? content : undefined));
  const [, n, e, , p, q, dP, dQ, qInv] = numbers.map((content) => content && numberOf(content));
  if (!n || !e || !p || !q || !dP || !dQ || !qInv) return none(NO_KEY);
  if (p < 3n || q < 3n) return none(DAMAGED);
  if (n.toString(2).length > MOST_BITS) return none(`An RSA key of more than ${MOST_BITS} bits is not read.`);
  // Larger ones would decrypt to the same (RFC 8017, 3.2), and a made-up exponent take hours to.
  if (e >= n || dP >= p || dQ >= q || qInv >= p) return none(DAMAGED);
  // One number changed, and what it decrypts to would be noise.
  const fits =
    p * q === n && (e * dP) % (p - 1n) === 1n && (e * dQ) % (q - 1n) === 1n && (qInv * q) % p === 1n;
  return fits ? { kind: 'RSA', key: { n, e, p, q, dP, dQ, qInv } } : none(DAMAGED);
}

function ecKey(items: readonly DerItem[]): PrivateKeyReading {
  if (items[1]?.tag !== DER_OCTET_STRING) return none(NO_KEY);
  const wrapped = items.find(({ tag }) => tag === PUBLIC_KEY);
  const [bits] = wrapped ? (derItems(wrapped.content) ?? []) : [];
  return bits?.tag === DER_BIT_STRING
    ? { kind: 'EC', publicPoint: bits.content.subarray(1) }
    : { kind: 'EC' };
}

function none(why: string): PrivateKeyReading {
  return { kind: 'none', why };
}
