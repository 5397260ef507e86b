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
  type JsonName,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
  cryptoProvider,
} from '@peculiar/x509';
import { generateKeys, type KeyKind, privateKeyPem, SIGNING_ALGORITHM } from './keys.ts';
import { authorityValidity, type LeafPeriod, leafValidity } from './validity.ts';

cryptoProvider.set(webcrypto);

// No common name: clients look at the explicit names alone (RFC 9525, 6.3), and it holds 64 characters only.
const LEAF_SUBJECT: JsonName = [{ O: ['Plainsight demonstration'] }, { OU: ['Not for real use'] }];

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
 * mistake, or left it behind in a store, could not be fooled about any other site. `role` is part of its name.
 */
export async function createSigner(permittedNames: readonly string[], role = 'lab CA'): Promise<Signer> {
  const keys = await generateKeys('P-256', false);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: positiveSerial(),
    // The random part keeps the authorities of two runs apart for software that finds issuers by name.
    name: [
      { O: ['Plainsight demonstration'] },
      { CN: [`NOT FOR REAL USE ${role} ${randomBytes(4).toString('hex')}`] },
    ],
    ...authorityValidity(),
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

/** How a leaf is to differ from the usual one: a P-256 key, good now and for seven days. */
export interface LeafOptions {
  readonly key?: KeyKind;
  readonly period?: LeafPeriod;
}

/**
 * Signs a server certificate for `names` (host names and IP addresses) with a new key. It does not ask
 * whether the authority may sign for them: that is `Authority.issue`. Whoever checks the certificate asks.
 */
export async function signLeaf(
  signer: Signer,
  names: readonly string[],
  { key = 'P-256', period = 'present' }: LeafOptions = {},
): Promise<Leaf> {
  const keys = await generateKeys(key);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: positiveSerial(),
    subject: LEAF_SUBJECT,
    issuer: signer.certificate.subjectName,
    ...leafValidity(period, signer.certificate),
    publicKey: keys.publicKey,
    signingKey: signer.privateKey,
    signingAlgorithm: SIGNING_ALGORITHM,
    extensions: [
      ...(await leafExtensions(names, keys, key)),
      await AuthorityKeyIdentifierExtension.create(signer.certificate),
    ],
  });
  return { certificatePem: pem(certificate), keyPem: await privateKeyPem(keys) };
}

/** A server certificate for `names` that nobody vouches for but itself. */
export async function selfSignLeaf(names: readonly string[]): Promise<Leaf> {
  const keys = await generateKeys('P-256');
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: positiveSerial(),
    name: LEAF_SUBJECT,
    ...leafValidity('present', authorityValidity()),
    keys,
    signingAlgorithm: SIGNING_ALGORITHM,
    extensions: [
      ...(await leafExtensions(names, keys, 'P-256')),
      await AuthorityKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificatePem: pem(certificate), keyPem: await privateKeyPem(keys) };
}

async function leafExtensions(
  names: readonly string[],
  keys: webcrypto.CryptoKeyPair,
  kind: KeyKind,
): Promise<Extension[]> {
  // In the static RSA key exchange of TLS 1.2 the key deciphers instead of signing (RFC 5246, 7.4.2).
  const usage =
    kind === 'P-256'
      ? new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true)
      : new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true);
  return [
    new BasicConstraintsExtension(false, undefined, true),
    usage,
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension(
      names.map((name) => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name })),
    ),
    await SubjectKeyIdentifierExtension.create(keys.publicKey),
  ];
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

function pem(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}
