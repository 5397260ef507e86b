import { constants, type KeyObject, verify } from 'node:crypto';
import { signatureSchemeName } from '#dissectors/tls/names.ts';
import { Refusal } from './alert.ts';
import { TLS_1_3, type Version } from './code-points.ts';

interface Scheme {
  readonly digest: 'sha256' | 'sha384' | 'sha512' | null;
  readonly key: 'ec' | 'rsa' | 'ed25519';
  /** Bound to the scheme in TLS 1.3 alone (RFC 8446, 4.2.3). */
  readonly curve?: string;
  readonly isPss?: boolean;
}

const SCHEMES: Readonly<Record<number, Scheme>> = {
  0x0403: { digest: 'sha256', key: 'ec', curve: 'prime256v1' },
  0x0804: { digest: 'sha256', key: 'rsa', isPss: true },
  0x0503: { digest: 'sha384', key: 'ec', curve: 'secp384r1' },
  0x0805: { digest: 'sha384', key: 'rsa', isPss: true },
  0x0806: { digest: 'sha512', key: 'rsa', isPss: true },
  0x0807: { digest: null, key: 'ed25519' },
  0x0401: { digest: 'sha256', key: 'rsa' },
};

/** In the order of preference (RFC 8446, 4.2.3). */
export const OFFERED_SCHEMES: readonly number[] = [0x0403, 0x0804, 0x0503, 0x0805, 0x0806, 0x0807, 0x0401];

/** Refuses what the key that the certificate is about has not signed, or not in a manner that was offered. */
export function checkSignature(
  scheme: number,
  version: Version,
  key: KeyObject,
  signed: Uint8Array,
  signature: Uint8Array,
): void {
  const manner = SCHEMES[scheme];
  if (!manner || !fits(manner, version, key))
    throw new Refusal(
      'illegal_parameter',
      `${signatureSchemeName(scheme)} is no signature that this certificate's key may give here`,
    );
  const pss = {
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  };
  if (!verify(manner.digest, signed, { key, ...(manner.isPss && pss) }, signature))
    throw new Refusal(
      'decrypt_error',
      'the signature over the handshake is not that of the certificate’s key',
    );
}

function fits({ key: kind, curve, isPss }: Scheme, version: Version, key: KeyObject): boolean {
  if (key.asymmetricKeyType !== kind) return false;
  if (version !== TLS_1_3) return true;
  // PKCS #1 v1.5 is for certificates alone there.
  if (kind === 'rsa') return isPss === true;
  return curve === undefined || key.asymmetricKeyDetails?.namedCurve === curve;
}
