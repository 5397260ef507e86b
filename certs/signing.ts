import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  NameConstraints,
  id_ce_nameConstraints,
} from '@peculiar/asn1-x509';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
  cryptoProvider,
} from '@peculiar/x509';

cryptoProvider.set(webcrypto);

const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNING_ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' } as const;

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
// Virtual machines and just-woken laptops can have clocks that differ a little between programs.
const BACKDATED = 10 * MINUTE;
const AUTHORITY_LIFE = 14 * DAY;
const LEAF_LIFE = 7 * DAY;

/** The addresses of the machine itself, in the form of RFC 5280, 4.2.1.10: address and mask. */
const PERMITTED_ADDRESSES = ['127.0.0.0/8', '::1/128'] as const;

/** A certificate for a site, with its private key. `keyPem` is PKCS #8. */
export interface Leaf {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** A CA certificate and its key, which cannot be exported and so never reaches a disk. */
export interface Signer {
  readonly certificate: X509Certificate;
  readonly privateKey: webcrypto.CryptoKey;
}

/**
 * Makes a new EC key and a CA certificate for it (RFC 5280): no CA below it, and critical name constraints
 * that admit `permittedNames`, what lies under them, and the loopback addresses. Whoever trusted it by
 * mistake, or left it behind in a store, could not be fooled about any other site.
 */
export async function createSigner(permittedNames: readonly string[]): Promise<Signer> {
  const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, false, ['sign', 'verify']);
  const notBefore = wholeSecond(Date.now() - BACKDATED);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: positiveSerial(),
    // The random part keeps the authorities of two runs apart for software that finds issuers by name.
    name: [
      { O: ['Plainsight demonstration'] },
      { CN: [`NOT FOR REAL USE lab CA ${randomBytes(4).toString('hex')}`] },
    ],
    notBefore,
    notAfter: lastSecond(notBefore, AUTHORITY_LIFE),
    keys,
    signingAlgorithm: SIGNING_ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      nameConstraints(permittedNames),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, privateKey: keys.privateKey };
}

/**
 * Signs a server certificate for `names` (host names and IP addresses) with a new key. It does not ask
 * whether the authority may sign for them: that is `Authority.issue`. Whoever checks the certificate asks.
 */
export async function signLeaf(signer: Signer, names: readonly string[]): Promise<Leaf> {
  const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
  const notBefore = wholeSecond(Date.now() - BACKDATED);
  const lastOfLeaf = lastSecond(notBefore, LEAF_LIFE);
  const lastOfSigner = signer.certificate.notAfter;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: positiveSerial(),
    // No common name: clients look at the explicit names alone (RFC 9525, 6.3), and it holds 64 characters only.
    subject: [{ O: ['Plainsight demonstration'] }, { OU: ['Not for real use'] }],
    issuer: signer.certificate.subjectName,
    notBefore,
    notAfter: lastOfLeaf < lastOfSigner ? lastOfLeaf : lastOfSigner,
    publicKey: keys.publicKey,
    signingKey: signer.privateKey,
    signingAlgorithm: SIGNING_ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(
        names.map((name) => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name })),
      ),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(signer.certificate),
    ],
  });
  return {
    certificatePem: `${certificate.toString('pem')}\n`,
    keyPem: `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')}\n`,
  };
}

function nameConstraints(permittedNames: readonly string[]): Extension {
  const permitted = [
    ...permittedNames.map((dNSName) => new GeneralName({ dNSName })),
    ...PERMITTED_ADDRESSES.map((iPAddress) => new GeneralName({ iPAddress })),
  ].map((base) => new GeneralSubtree({ base }));
  const constraints = new NameConstraints({ permittedSubtrees: new GeneralSubtrees(permitted) });
  return new Extension(id_ce_nameConstraints, true, AsnConvert.serialize(constraints));
}

/** 16 random bytes whose first bits are 01: positive and without a leading zero (RFC 5280, 4.1.2.2). */
function positiveSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function wholeSecond(time: number): Date {
  return new Date(Math.floor(time / 1000) * 1000);
}

/** The validity period includes its last second (RFC 5280, 4.1.2.5). */
function lastSecond(notBefore: Date, life: number): Date {
  return new Date(notBefore.getTime() + life - 1000);
}
