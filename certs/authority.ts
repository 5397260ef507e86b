import { isIP } from 'node:net';
import { type Leaf, type LeafOptions, createSigner, signLeaf } from './signing.ts';

/** The hosts that the lab plays; the authority can sign for these, what lies under them, and loopback. */
export const DEMO_NAMES = [
  'piggypay.test',
  'resolver.test',
  'expired.test',
  'not-yet.test',
  'wrong-host.test',
  // The name on the certificate that wrong-host.test shows. A name outside the constraints would fail for that instead.
  'right-host.test',
  'self-signed.test',
  'unknown-ca.test',
  'weak-key.test',
  'old-tls.test',
  'tls12.test',
  'static-rsa.test',
  'bank-redirect.test',
  'bank-hsts.test',
] as const;

/** A CA made for one run of the lab. Its key stays in memory and cannot be exported. */
export interface Authority {
  readonly certificatePem: string;
  readonly certificateDer: Uint8Array;
  /**
   * Signs a certificate for a site, for at most seven days. The authority signs it directly, so the
   * leaf alone is the chain to send. Rejects with `NameNotPermitted` outside the name constraints.
   */
  issue(request: { readonly names: readonly string[] } & LeafOptions): Promise<Leaf>;
}

export class NameNotPermitted extends Error {
  override readonly name = 'NameNotPermitted';
  readonly code = 'name-not-permitted';
}

/**
 * Makes a fresh authority whose certificate admits `permittedNames`, their subdomains, 127.0.0.0/8 and ::1. `role` is
 * part of its name: whose CA it is.
 */
export async function createAuthority(
  permittedNames: readonly string[] = DEMO_NAMES,
  role?: string,
): Promise<Authority> {
  if (permittedNames.length === 0) {
    throw new NameNotPermitted('An authority needs at least one name: without any, it could sign for all.');
  }
  for (const name of permittedNames) {
    if (!isHostName(name))
      throw new NameNotPermitted(`${JSON.stringify(name)} is not a lower-case host name.`);
  }
  const signer = await createSigner(permittedNames, role);
  return {
    certificatePem: `${signer.certificate.toString('pem')}\n`,
    certificateDer: new Uint8Array(signer.certificate.rawData),
    issue: async ({ names, ...options }) => {
      if (names.length === 0) throw new NameNotPermitted('A certificate needs at least one name.');
      for (const name of names) {
        if (isPermitted(name, permittedNames)) continue;
        throw new NameNotPermitted(
          `${JSON.stringify(name)} is outside what this authority may sign for: ` +
            `${permittedNames.join(', ')}, 127.0.0.0/8 and ::1.`,
        );
      }
      return signLeaf(signer, names, options);
    },
  };
}

function isPermitted(name: string, permittedNames: readonly string[]): boolean {
  if (isIP(name) === 4) return name.startsWith('127.');
  if (isIP(name) === 6) return name === '::1';
  return isHostName(name) && permittedNames.some((parent) => name === parent || name.endsWith(`.${parent}`));
}

/** Lower case, no wildcard, no final dot, at least two labels (RFC 1123, 2.1). */
function isHostName(name: string): boolean {
  const labels = name.split('.');
  return (
    name.length <= 253 &&
    labels.length >= 2 &&
    isIP(name) === 0 &&
    labels.every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label))
  );
}
