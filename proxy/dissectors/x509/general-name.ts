import { hex, utf8 } from '../text.ts';
import { addressText, networkText } from './addresses.ts';
import { context, type DerReader, SEQUENCE } from './der.ts';
import { readParts } from './names.ts';
import { readObjectIdentifier } from './values.ts';

const TEXTS: Readonly<Record<number, { readonly name: string; readonly label: string }>> = {
  [context(1)]: { name: 'x509ce.rfc822Name', label: 'E-mail address' },
  [context(2)]: { name: 'x509ce.dNSName', label: 'DNS name' },
  [context(6)]: { name: 'x509ce.uniformResourceIdentifier', label: 'URI' },
};

const LONGEST_LIST = 8;

/** A GeneralName (RFC 5280, 4.2.1.6); in name constraints an address stands for a network. Answers it as text. */
export function readGeneralName(der: DerReader, use: 'name' | 'constraint' = 'name'): string {
  const tag = der.reader.peek() ?? der.reader.fail('A name is missing here.');
  const text = TEXTS[tag];
  if (text) {
    const length = der.header(tag);
    const value = utf8(der.reader.ahead(length));
    der.reader.decoded(length, text.name, text.label, value);
    return value;
  }
  if (tag === context(7)) return readAddress(der, use);
  if (tag === context(8))
    return readObjectIdentifier(der, 'x509ce.registeredID', 'Registered identifier', tag);
  if (tag === context(4, true)) return readDirectoryName(der, tag);
  if (tag === context(0, true)) return readOtherName(der, tag);
  // x400Address and ediPartyName: nobody has been seen to use them.
  der.anything('plainsight.x509.general_name', 'Name of another kind');
  return 'a name of another kind';
}

/** As many names as the block holds; answers them as a line, the ninth and later ones as their number. */
export function readGeneralNames(der: DerReader): string {
  const names: string[] = [];
  der.each(() => names.push(readGeneralName(der)));
  const more = names.length - LONGEST_LIST;
  const line = names.slice(0, LONGEST_LIST).join(', ');
  return more > 0 ? `${line} and ${more} more` : line;
}

function readAddress(der: DerReader, use: 'name' | 'constraint'): string {
  const length = der.header(context(7));
  const bytes = der.reader.ahead(Math.min(length, 64));
  const text = use === 'name' ? addressText(bytes) : networkText(bytes);
  if (text === undefined || bytes.length !== length) {
    const why =
      use === 'name' ? 'An address has 4 or 16 bytes.' : 'An address and a mask have 8 or 32 bytes.';
    der.reader.malformed(length, why, 'plainsight.x509.address', 'Address');
    return hex(bytes);
  }
  if (use === 'constraint') der.reader.decoded(length, 'plainsight.x509.network', 'Network', text);
  else if (length === 4) der.reader.decoded(length, 'x509ce.IPAddress.ipv4', 'IP address', text);
  else der.reader.decoded(length, 'x509ce.IPAddress.ipv6', 'IP address', text);
  return text;
}

function readDirectoryName(der: DerReader, tag: number): string {
  let line = '';
  der.structure(tag, 'x509ce.directoryName', 'Directory name', () => {
    const length = der.header(SEQUENCE);
    if (length !== der.remaining) der.reader.malformed(0, `Says ${length} bytes, ${der.remaining} are here.`);
    line = readParts(der);
    der.reader.describe({ value: line });
  });
  return line;
}

function readOtherName(der: DerReader, tag: number): string {
  let type = '';
  der.structure(tag, 'x509ce.otherName_element', 'Name of another type', () => {
    type = readObjectIdentifier(der, 'x509ce.type_id', 'Type');
    der.anything('plainsight.x509.other_name_value', 'Value');
  });
  return `a name of type ${type}`;
}
