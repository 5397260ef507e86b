import { type DerReader, SEQUENCE, SET, UTF8_STRING } from './der.ts';
import { attributeShortName, objectName } from './object-identifiers.ts';
import { decodeText, readObjectIdentifier } from './values.ts';

// A line for a tree; the whole name stands in the fields.
const LONGEST_LINE = 300;

/** The choices of a DirectoryString (RFC 5280, 4.1.2.4) and the other string types, under Wireshark's names. */
const STRINGS: Readonly<Record<number, string>> = {
  [UTF8_STRING]: 'x509sat.uTF8String',
  0x13: 'x509sat.printableString',
  0x14: 'x509sat.teletexString',
  0x16: 'x509sat.IA5String',
  0x1c: 'x509sat.universalString',
  0x1e: 'x509sat.bmpString',
};

/** Attributes whose value has one type only, which Wireshark names after that type. */
const OWN_NAMES: Readonly<Record<string, string>> = {
  countryName: 'x509sat.CountryName',
  jurisdictionCountryName: 'x509sat.CountryName',
  serialNumber: 'x509sat.PrintableString',
  dnQualifier: 'x509sat.PrintableString',
  userId: 'x509af.Userid',
};

/** A distinguished name (RFC 5280, 4.1.2.4) as one block; answers it as a line: `C=SE, O=Example, CN=example.test`. */
export function readName(der: DerReader, name: string, label: string): string {
  let line = '';
  der.structure(SEQUENCE, name, label, () => {
    line = readParts(der);
    der.reader.describe({ value: line });
  });
  return line;
}

/** What is inside a name: its parts from the widest to the narrowest. */
export function readParts(der: DerReader): string {
  const parts: string[] = [];
  der.each(() => {
    der.structure(SET, 'x509if.RDNSequence_item', 'Part of the name', () => {
      const first = parts.length;
      der.each(() => parts.push(readAttribute(der)));
      der.reader.describe({ value: parts.slice(first).join(' + ') });
    });
  });
  const line = parts.join(', ');
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
}

function readAttribute(der: DerReader): string {
  let line = '';
  der.structure(SEQUENCE, 'x509if.RelativeDistinguishedName_item_element', 'Attribute', () => {
    const type = readObjectIdentifier(der, 'x509if.oid', 'Type');
    const tag = der.reader.peek() ?? der.reader.fail('The value is missing.');
    const known = objectName(type);
    const name = (known === undefined ? undefined : OWN_NAMES[known]) ?? STRINGS[tag];
    if (name === undefined) der.anything('plainsight.x509.attribute_value', 'Value');
    else {
      const length = der.header(tag);
      const text = decodeText(tag, der.reader.ahead(length));
      der.reader.decoded(length, name, 'Value', text);
      line = `${attributeShortName(type)}=${text}`;
      der.reader.describe({ label: known ?? type, value: text });
    }
  });
  return line;
}
