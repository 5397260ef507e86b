import type { SecureContextOptions } from 'node:tls';

/** What is right or wrong with a certificate; all but `good` and `rsa` are refused, for this one reason. */
export type CertificateKind =
  'good' | 'rsa' | 'expired' | 'not-yet' | 'wrong-host' | 'self-signed' | 'unknown-ca' | 'weak-key';

/** What a host speaks where it is not what the site itself speaks. */
export type Speaks = Pick<SecureContextOptions, 'minVersion' | 'maxVersion' | 'ciphers'>;

export interface CertificateHost {
  readonly name: string;
  /** One line for whoever chooses a host. */
  readonly about: string;
  readonly isGood: boolean;
  readonly certificate: CertificateKind;
  readonly speaks: Speaks;
}

const MODERN: Speaks = { minVersion: 'TLSv1.2' };
const ONLY_TLS12: Speaks = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' };

/** Hosts that fail for one reason each, and two that are good and speak TLS 1.2 only. */
export const CERTIFICATE_HOSTS: readonly CertificateHost[] = [
  bad('expired', 'Its certificate ran out yesterday.'),
  bad('not-yet', 'Its certificate counts from tomorrow on.'),
  bad('wrong-host', 'Its certificate is for another name.'),
  bad('self-signed', 'Nobody vouches for its certificate but itself.'),
  bad('unknown-ca', 'Signed by an authority that the victim does not trust.'),
  bad('weak-key', 'An RSA key of 768 bits: that size was broken in 2009.', {
    ...MODERN,
    // OpenSSL does not serve such a key otherwise.
    ciphers: 'DEFAULT@SECLEVEL=0',
  }),
  {
    name: 'old-tls.test',
    about: 'A good certificate, but it speaks nothing newer than TLS 1.0.',
    isGood: false,
    certificate: 'good',
    // TLS 1.0 signs with SHA-1, which OpenSSL allows at this level only.
    speaks: { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' },
  },
  {
    name: 'tls12.test',
    about: 'Good. TLS 1.2, where the certificate crosses in clear.',
    isGood: true,
    certificate: 'good',
    speaks: ONLY_TLS12,
  },
  {
    name: 'static-rsa.test',
    about: 'Good. TLS 1.2 with static RSA: whoever has its private key can read all.',
    isGood: true,
    certificate: 'rsa',
    speaks: { ...ONLY_TLS12, ciphers: 'AES128-GCM-SHA256' },
  },
];

function bad(
  certificate: Exclude<CertificateKind, 'good' | 'rsa'>,
  about: string,
  speaks: Speaks = MODERN,
): CertificateHost {
  return { name: `${certificate}.test`, about, isGood: false, certificate, speaks };
}
