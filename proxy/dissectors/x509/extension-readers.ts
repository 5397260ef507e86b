import { BIT_STRING, context, type DerReader, INTEGER, NULL, OCTET_STRING, SEQUENCE } from './der.ts';
import { readGeneralName, readGeneralNames } from './general-name.ts';
import { objectName } from './object-identifiers.ts';
import { readPolicies } from './policies.ts';
import { readDistributionPoints } from './distribution-points.ts';
import { readNameConstraints } from './name-constraints.ts';
import { readTimestampList } from './timestamps.ts';
import { readBoolean, readFlags, readInteger, readObjectIdentifier } from './values.ts';

interface ExtensionReader {
  readonly label: string;
  /** Reads the value of the extension; answers it as a line. */
  readonly read: (der: DerReader) => string | undefined;
}

// RFC 5280, 4.2.1.3, from bit 0 on.
const KEY_USAGES = [
  'digitalSignature',
  'contentCommitment',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
];

// Extensions of TLS that a certificate can insist on (RFC 7633, 6).
const TLS_FEATURES: Readonly<Record<number, string>> = { 5: 'status_request', 17: 'status_request_v2' };

/** How to read the value of an extension, by its name. */
export const EXTENSION_READERS: ReadonlyMap<string, ExtensionReader> = new Map([
  ['basicConstraints', { label: 'Basic constraints', read: readBasicConstraints }],
  ['keyUsage', { label: 'Key usage', read: readKeyUsage }],
  ['extKeyUsage', { label: 'Extended key usage', read: readPurposes }],
  ['subjectAltName', { label: 'Subject alternative name', read: readAlternativeNames }],
  ['issuerAltName', { label: 'Issuer alternative name', read: readAlternativeNames }],
  ['subjectKeyIdentifier', { label: 'Subject key identifier', read: readSubjectKeyIdentifier }],
  ['authorityKeyIdentifier', { label: 'Authority key identifier', read: readAuthorityKeyIdentifier }],
  ['nameConstraints', { label: 'Name constraints', read: readNameConstraints }],
  ['certificatePolicies', { label: 'Certificate policies', read: readPolicies }],
  ['policyConstraints', { label: 'Policy constraints', read: readPolicyConstraints }],
  ['inhibitAnyPolicy', { label: 'Inhibit any policy', read: readInhibitAnyPolicy }],
  ['cRLDistributionPoints', { label: 'CRL distribution points', read: readDistributionPoints }],
  ['freshestCRL', { label: 'Freshest CRL', read: readDistributionPoints }],
  ['authorityInfoAccess', { label: 'Authority information access', read: readInformationAccess }],
  ['tlsfeature', { label: 'TLS feature', read: readTlsFeatures }],
  ['signedCertificateTimestampList', { label: 'Signed certificate timestamps', read: readTimestamps }],
  ['precertificatePoison', { label: 'Precertificate poison', read: readPoison }],
]);

/** RFC 5280, 4.2.1.9 */
function readBasicConstraints(der: DerReader): string {
  let isAuthority = false;
  let limit: number | undefined;
  der.structure(SEQUENCE, 'x509ce.BasicConstraintsSyntax_element', 'Basic constraints', () => {
    if (der.isNext(0x01)) isAuthority = readBoolean(der, 'x509ce.cA', 'Authority');
    if (der.remaining > 0) limit = readInteger(der, 'x509ce.pathLenConstraint', 'Authorities below it');
  });
  if (!isAuthority) return 'no authority';
  return limit === undefined ? 'authority' : `authority, at most ${limit} authorities below it`;
}

/** RFC 5280, 4.2.1.3 */
function readKeyUsage(der: DerReader): string {
  return readFlags(der, 'x509ce.KeyUsage', 'Key usage', KEY_USAGES, BIT_STRING).join(', ');
}

/** RFC 5280, 4.2.1.12 */
function readPurposes(der: DerReader): string {
  const purposes: string[] = [];
  der.structure(SEQUENCE, 'x509ce.KeyPurposeIDs', 'Purposes', () => {
    der.each(() => {
      const purpose = readObjectIdentifier(der, 'x509ce.KeyPurposeId', 'Purpose');
      purposes.push(objectName(purpose) ?? purpose);
    });
  });
  return purposes.join(', ');
}

/** RFC 5280, 4.2.1.6 and 4.2.1.7 */
function readAlternativeNames(der: DerReader): string {
  let line = '';
  der.structure(SEQUENCE, 'x509ce.GeneralNames', 'Names', () => {
    line = readGeneralNames(der);
  });
  return line;
}

/** RFC 5280, 4.2.1.2 */
function readSubjectKeyIdentifier(der: DerReader): undefined {
  der.reader.opaque(der.header(OCTET_STRING), 'x509ce.SubjectKeyIdentifier', 'Key identifier');
}

/** RFC 5280, 4.2.1.1 */
function readAuthorityKeyIdentifier(der: DerReader): undefined {
  der.structure(SEQUENCE, 'x509ce.AuthorityKeyIdentifier_element', 'Authority key identifier', () => {
    if (der.isNext(context(0)))
      der.reader.opaque(der.header(context(0)), 'x509ce.keyIdentifier', 'Key identifier');
    if (der.isNext(context(1, true)))
      der.structure(context(1, true), 'x509ce.authorityCertIssuer', 'Issuer of the authority', () => {
        der.reader.describe({ value: readGeneralNames(der) });
      });
    if (der.isNext(context(2)))
      readInteger(der, 'x509ce.authorityCertSerialNumber', 'Serial number of the authority', {
        tag: context(2),
      });
  });
}

/** RFC 5280, 4.2.1.11 */
function readPolicyConstraints(der: DerReader): undefined {
  der.structure(SEQUENCE, 'x509ce.PolicyConstraintsSyntax_element', 'Policy constraints', () => {
    if (der.isNext(context(0)))
      readInteger(der, 'x509ce.requireExplicitPolicy', 'Explicit policy required after', { tag: context(0) });
    if (der.isNext(context(1)))
      readInteger(der, 'x509ce.inhibitPolicyMapping', 'No policy mapping after', { tag: context(1) });
  });
}

/** RFC 5280, 4.2.1.14 */
function readInhibitAnyPolicy(der: DerReader): undefined {
  readInteger(der, 'x509ce.SkipCerts', 'anyPolicy is void after', { tag: INTEGER });
}

/** RFC 5280, 4.2.2.1 */
function readInformationAccess(der: DerReader): string {
  const lines: string[] = [];
  der.structure(SEQUENCE, 'pkix1implicit.AuthorityInfoAccessSyntax', 'Where to ask', () => {
    der.each(() => {
      der.structure(SEQUENCE, 'pkix1implicit.AccessDescription_element', 'Access', () => {
        const method = readObjectIdentifier(der, 'pkix1implicit.accessMethod', 'What for');
        const location = readGeneralName(der);
        lines.push(`${objectName(method) ?? method}: ${location}`);
        der.reader.describe({ value: location });
      });
    });
  });
  return lines.join(', ');
}

/** RFC 7633, 4 */
function readTlsFeatures(der: DerReader): undefined {
  der.structure(SEQUENCE, 'pkix1explicit.Features', 'Features', () => {
    der.each(() => {
      readInteger(der, 'pkix1explicit.Features_item', 'Feature', { meaning: (type) => TLS_FEATURES[type] });
    });
  });
}

/** RFC 6962, 3.3: the list is wrapped in an OCTET STRING once more. */
function readTimestamps(der: DerReader): string {
  const length = der.header(OCTET_STRING);
  if (length !== der.remaining) der.reader.malformed(0, `Says ${length} bytes, ${der.remaining} are here.`);
  const count = readTimestampList(der.reader);
  return count === 1 ? 'from 1 log' : `from ${count} logs`;
}

/** RFC 6962, 3.1 */
function readPoison(der: DerReader): undefined {
  der.header(NULL);
}
