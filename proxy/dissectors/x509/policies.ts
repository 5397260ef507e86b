import { type DerReader, SEQUENCE } from './der.ts';
import { objectName } from './object-identifiers.ts';
import { decodeText, readObjectIdentifier } from './values.ts';

const IA5_STRING = 0x16;

/** Under which rules a certificate was issued (RFC 5280, 4.2.1.4); answers the policies as a line. */
export function readPolicies(der: DerReader): string {
  const policies: string[] = [];
  der.structure(SEQUENCE, 'x509ce.CertificatePoliciesSyntax', 'Policies', () => {
    der.each(() => {
      der.structure(SEQUENCE, 'x509ce.PolicyInformation_element', 'Policy', () => {
        const policy = readObjectIdentifier(der, 'x509ce.policyIdentifier', 'Policy');
        policies.push(objectName(policy) ?? policy);
        der.reader.describe({ value: objectName(policy) ?? policy });
        if (der.remaining > 0)
          der.structure(SEQUENCE, 'x509ce.policyQualifiers', 'Qualifiers', () => {
            der.each(() => {
              readQualifier(der);
            });
          });
      });
    });
  });
  return policies.join(', ');
}

function readQualifier(der: DerReader): void {
  der.structure(SEQUENCE, 'x509ce.PolicyQualifierInfo_element', 'Qualifier', () => {
    const kind = readObjectIdentifier(der, 'x509ce.id', 'Kind');
    if (objectName(kind) === 'cps' && der.isNext(IA5_STRING)) {
      const length = der.header(IA5_STRING);
      const text = decodeText(IA5_STRING, der.reader.ahead(length));
      der.reader.decoded(length, 'pkix1explicit.DirectoryString', 'Practice statement', text);
      der.reader.describe({ value: text });
    } else der.anything('plainsight.x509.policy_qualifier', 'Notice');
  });
}
