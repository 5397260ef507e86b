import { context, type DerReader, SEQUENCE } from './der.ts';
import { readGeneralNames } from './general-name.ts';
import { readFlags } from './values.ts';

// RFC 5280, 4.2.1.13, from bit 0 on.
const REASONS = [
  'unused',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'privilegeWithdrawn',
  'aACompromise',
];

/** Where lists of revoked certificates are published (RFC 5280, 4.2.1.13); answers the places as a line. */
export function readDistributionPoints(der: DerReader): string {
  const places: string[] = [];
  der.structure(SEQUENCE, 'x509ce.CRLDistPointsSyntax', 'Distribution points', () => {
    der.each(() => {
      der.structure(SEQUENCE, 'x509ce.DistributionPoint_element', 'Distribution point', () => {
        if (der.isNext(context(0, true))) places.push(readPlace(der));
        if (der.isNext(context(1))) readFlags(der, 'x509ce.reasons', 'Reasons', REASONS, context(1));
        if (der.isNext(context(2, true)))
          der.structure(context(2, true), 'x509ce.cRLIssuer', 'Issuer of the list', () => {
            der.reader.describe({ value: readGeneralNames(der) });
          });
      });
    });
  });
  return places.join(', ');
}

function readPlace(der: DerReader): string {
  let line = '';
  der.structure(context(0, true), 'x509ce.distributionPoint', 'Place', () => {
    if (der.isNext(context(0, true)))
      der.structure(context(0, true), 'x509ce.fullName', 'Full name', () => {
        line = readGeneralNames(der);
        der.reader.describe({ value: line });
      });
    else der.anything('x509ce.nameRelativeToCRLIssuer', 'Name relative to the issuer');
  });
  return line;
}
