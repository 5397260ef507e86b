import { createHash, type X509Certificate } from 'node:crypto';

/**
 * What tells a certificate from the one that the site has, in a sentence computed from both: the issuer, and the SHA-256
 * of the public key (as a pin holds it, RFC 7469, 2.4).
 */
export function compareCertificates(shown: X509Certificate | undefined, real: X509Certificate): string {
  if (shown === undefined) return 'The victim was shown no certificate.';
  if (shown.fingerprint256 === real.fingerprint256) return 'The victim was shown the site’s own certificate.';
  const [shownIssuer, realIssuer] = [issuerOf(shown), issuerOf(real)];
  const [shownPin, realPin] = [pinOf(shown), pinOf(real)];
  const issuer =
    shownIssuer === realIssuer
      ? `both were issued by “${realIssuer}”`
      : `it was issued by “${shownIssuer}” instead of “${realIssuer}”`;
  const key =
    shownPin === realPin
      ? 'its key is the same'
      : `its key is another one (SHA-256 ${shownPin.slice(0, 16)}… instead of ${realPin.slice(0, 16)}…)`;
  return `Two things tell its certificate from the site’s: ${issuer}, and ${key}.`;
}

/** The common name of the issuer, or all of its name where it has none. */
function issuerOf({ issuer }: X509Certificate): string {
  return /^CN=(.*)$/m.exec(issuer)?.[1] ?? issuer.replaceAll('\n', ', ');
}

/** Hex, of the SubjectPublicKeyInfo. */
function pinOf({ publicKey }: X509Certificate): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}
