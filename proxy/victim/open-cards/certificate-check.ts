import { X509Certificate } from 'node:crypto';
import { type AlertName, Refusal } from './alert.ts';

/** Whom the client trusts, and whom it means to talk to. */
export interface Trust {
  readonly authority: X509Certificate;
  readonly host: string;
}

const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
const SHORTEST_RSA = 2048;

/** The site's certificates, its own first (DER); refuses what is none. */
export function readCertificates(chain: readonly Uint8Array[]): readonly X509Certificate[] {
  if (chain.length === 0) throw new Refusal('decode_error', 'the site showed no certificate');
  try {
    return chain.map((der) => new X509Certificate(der));
  } catch {
    throw new Refusal('bad_certificate', 'what the site showed is no certificate');
  }
}

/**
 * Checks the site's own certificate against the one authority that is trusted (RFC 5280, 6.1; RFC 9525). That
 * authority admits none below it, so it must have signed the certificate itself; whatever else was sent is passed
 * over. For what names the authority may sign is kept where it issues. The codes are those of Node's own client.
 */
export function checkCertificate(leaf: X509Certificate, { authority, host }: Trust): void {
  const now = Date.now();
  if (!authority.ca) throw refused('unknown_ca', 'INVALID_CA', 'invalid CA certificate');
  if (!leaf.checkIssued(authority) || !leaf.verify(authority.publicKey)) {
    throw leaf.issuer === leaf.subject && leaf.verify(leaf.publicKey)
      ? refused('unknown_ca', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate')
      : refused('unknown_ca', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to verify the first certificate');
  }
  for (const { validFrom, validTo } of [authority, leaf]) {
    if (Date.parse(validFrom) > now)
      throw refused('bad_certificate', 'CERT_NOT_YET_VALID', 'certificate is not yet valid');
    if (Date.parse(validTo) < now)
      throw refused('certificate_expired', 'CERT_HAS_EXPIRED', 'certificate has expired');
  }
  // Node says keyUsage and means the extended one.
  const purposes = leaf.keyUsage as readonly string[] | undefined;
  if (leaf.ca || (purposes && !purposes.includes(SERVER_AUTHENTICATION)))
    throw refused('unsupported_certificate', 'INVALID_PURPOSE', 'unsuitable certificate purpose');
  const { asymmetricKeyType, asymmetricKeyDetails } = leaf.publicKey;
  if (asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) < SHORTEST_RSA)
    throw refused('bad_certificate', 'EE_KEY_TOO_SMALL', 'EE certificate key too weak');
  if (leaf.checkHost(host, { subject: 'never' }) === undefined)
    throw refused(
      'bad_certificate',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      `Hostname/IP does not match certificate's altnames: Host: ${host}. is not in the cert's altnames: ${leaf.subjectAltName ?? ''}`,
    );
}

function refused(alert: AlertName, code: string, message: string): Refusal {
  return new Refusal(alert, message, code);
}
