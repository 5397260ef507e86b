import { findField, findFields } from '#dissectors/byte-reader.ts';
import type { Field } from '#dissectors/field.ts';
import { explainCertificate } from '#dissectors/x509/certificate.ts';

/** What a check needs of one certificate, read from its bytes by the same dissector that shows them. */
export interface CertificateFacts {
  readonly der: Uint8Array;
  /** As a line: `O=Example, CN=example.test`. */
  readonly subject: string;
  readonly issuer: string;
  /** The DER of both names, to compare. */
  readonly subjectBytes: Uint8Array;
  readonly issuerBytes: Uint8Array;
  /** Milliseconds since 1970, both included; undefined when they are no dates. */
  readonly notBefore: number | undefined;
  readonly notAfter: number | undefined;
  readonly key: KeyFacts;
  readonly signature: SignatureFacts;
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
  readonly isAuthority: boolean;
  /** How many authorities there may be below this one. */
  readonly pathLength: number | undefined;
  /** Undefined where the certificate does not say, which allows everything. */
  readonly usages: readonly string[] | undefined;
  readonly purposes: readonly string[] | undefined;
  readonly constraints: NameConstraints | undefined;
  /** Extensions that must be understood and are not. */
  readonly notUnderstood: readonly string[];
  /** Why the bytes could not be read as a certificate. */
  readonly malformed: string | undefined;
}

export interface KeyFacts {
  /** `P-256`, `RSA, 2048 bits` … */
  readonly kind: string;
  readonly rsaBits: number | undefined;
  /** SubjectPublicKeyInfo in DER. */
  readonly info: Uint8Array;
}

export interface SignatureFacts {
  /** `ecdsa-with-SHA256`, `sha256WithRSAEncryption` … */
  readonly algorithm: string;
  /** What was signed, and the signature. */
  readonly signed: Uint8Array;
  readonly bytes: Uint8Array;
}

/** DNS names stand for themselves and all below them; networks as `127.0.0.0/8`. */
export interface NameConstraints {
  readonly permitted: readonly ConstraintName[];
  readonly excluded: readonly ConstraintName[];
}

export interface ConstraintName {
  readonly kind: 'dns' | 'network' | 'other';
  readonly text: string;
}

/** Object identifiers of the extensions that the check understands (RFC 5280, 4.2). */
const KEY_USAGE = '2.5.29.15';
const ALTERNATIVE_NAMES = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
const NAME_CONSTRAINTS = '2.5.29.30';
const PURPOSES = '2.5.29.37';
const UNDERSTOOD = new Set([KEY_USAGE, ALTERNATIVE_NAMES, BASIC_CONSTRAINTS, NAME_CONSTRAINTS, PURPOSES]);

export function certificateFacts(der: Uint8Array): CertificateFacts {
  const certificate = explainCertificate(der);
  const extensions = new Map(
    findFields(certificate, 'x509af.Extension_element').map((field) => [idOf(field), field]),
  );
  const alternative = extensions.get(ALTERNATIVE_NAMES);
  const basic = extensions.get(BASIC_CONSTRAINTS);
  const constraints = extensions.get(NAME_CONSTRAINTS);
  return {
    der,
    subject: text(findField(certificate, 'x509af.subject')),
    issuer: text(findField(certificate, 'x509af.issuer')),
    subjectBytes: bytesOf(der, findField(certificate, 'x509af.subject')),
    issuerBytes: bytesOf(der, findField(certificate, 'x509af.issuer')),
    notBefore: dateOf(findField(certificate, 'x509af.notBefore')),
    notAfter: dateOf(findField(certificate, 'x509af.notAfter')),
    key: keyFacts(der, findField(certificate, 'x509af.subjectPublicKeyInfo_element')),
    signature: {
      algorithm: text(findField(certificate, 'x509af.algorithmIdentifier_element')),
      signed: bytesOf(der, findField(certificate, 'x509af.signedCertificate_element')),
      bytes: bytesOf(der, findField(certificate, 'x509af.encrypted')),
    },
    dnsNames: texts(alternative, 'x509ce.dNSName'),
    addresses: [
      ...texts(alternative, 'x509ce.IPAddress.ipv4'),
      ...texts(alternative, 'x509ce.IPAddress.ipv6'),
    ],
    isAuthority: Boolean(basic && findField(basic, 'x509ce.cA')?.value),
    pathLength: basic && numberOf(findField(basic, 'x509ce.pathLenConstraint')),
    usages: listOf(extensions.get(KEY_USAGE)),
    purposes: listOf(extensions.get(PURPOSES)),
    constraints: constraints && {
      permitted: constraintNames(constraints, 'x509ce.permittedSubtrees'),
      excluded: constraintNames(constraints, 'x509ce.excludedSubtrees'),
    },
    notUnderstood: [...extensions.entries()]
      .filter(([id, field]) => isCritical(field) && !UNDERSTOOD.has(id))
      .map(([, field]) => field.label),
    malformed: firstMalformed(certificate),
  };
}

/** `lab CA 1a2b` of `O=…, CN=lab CA 1a2b`; the whole line where there is no common name. */
export function shortName(line: string): string {
  return /(?:^|, )CN=(.*)$/.exec(line)?.[1] ?? line;
}

function keyFacts(der: Uint8Array, info: Field | undefined): KeyFacts {
  const kind = text(info);
  const bits = /^RSA, (\d+) bits$/.exec(kind)?.[1];
  return { kind, rsaBits: bits === undefined ? undefined : Number(bits), info: bytesOf(der, info) };
}

function idOf(extension: Field): string {
  return text(findField(extension, 'x509af.extension.id'));
}

function isCritical(extension: Field): boolean {
  return Boolean(findField(extension, 'x509af.critical')?.value);
}

/** The list that the dissector gives as one value: `digitalSignature, keyEncipherment`. */
function listOf(extension: Field | undefined): readonly string[] | undefined {
  return extension && text(extension).split(', ');
}

function constraintNames(extension: Field, name: string): readonly ConstraintName[] {
  const list = findField(extension, name);
  return (list ? findFields(list, 'x509ce.GeneralSubtree_element') : []).map((subtree) => {
    const dns = findField(subtree, 'x509ce.dNSName');
    const network = findField(subtree, 'plainsight.x509.network');
    return { kind: dns ? 'dns' : network ? 'network' : 'other', text: text(dns ?? network ?? subtree) };
  });
}

function dateOf(field: Field | undefined): number | undefined {
  const time = Date.parse(text(field));
  return Number.isNaN(time) ? undefined : time;
}

function firstMalformed(field: Field): string | undefined {
  if (field.malformed !== undefined) return `${field.label}: ${field.malformed}`;
  for (const child of field.children ?? []) {
    const why = firstMalformed(child);
    if (why !== undefined) return why;
  }
  return undefined;
}

function bytesOf(der: Uint8Array, field: Field | undefined): Uint8Array {
  return field ? der.subarray(field.range.start, field.range.end) : new Uint8Array(0);
}

function numberOf(field: Field | undefined): number | undefined {
  return typeof field?.value === 'number' ? field.value : undefined;
}

function texts(field: Field | undefined, name: string): readonly string[] {
  return field ? findFields(field, name).map(text) : [];
}

function text(field: Field | undefined): string {
  return String(field?.value ?? '');
}
