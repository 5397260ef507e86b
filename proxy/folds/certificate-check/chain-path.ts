import type { CertificateFacts } from './certificate-facts.ts';

/** How a site's certificate leads up to somebody whom the victim trusts, or where that breaks off. */
export interface ChainPath {
  /** The site's own first; each is signed by the next. */
  readonly certificates: readonly CertificateFacts[];
  /** `missing`: nobody here is the issuer of the last; `self`: the last is its own issuer. */
  readonly ends: 'trusted' | 'missing' | 'self';
}

// Longer than any chain in use; a made-up one could lead in circles.
const LONGEST_PATH = 10;

/** Looks for issuers among those that the victim trusts first, then in what the site sent (RFC 5280, 6.1). */
export function pathOf(
  leaf: CertificateFacts,
  sent: readonly CertificateFacts[],
  trusted: readonly CertificateFacts[],
): ChainPath {
  const certificates = [leaf];
  let last = leaf;
  while (certificates.length <= LONGEST_PATH) {
    if (trusted.some(({ der }) => areSame(der, last.der))) return { certificates, ends: 'trusted' };
    const { issuerBytes, subjectBytes } = last;
    const issuer = [...trusted, ...sent].find(
      (each) =>
        areSame(each.subjectBytes, issuerBytes) && !certificates.some(({ der }) => areSame(der, each.der)),
    );
    // Only now: whoever has the name of its issuer need not be its issuer.
    if (!issuer && areSame(issuerBytes, subjectBytes)) return { certificates, ends: 'self' };
    if (!issuer) break;
    certificates.push(issuer);
    last = issuer;
  }
  return { certificates, ends: 'missing' };
}

export function areSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
