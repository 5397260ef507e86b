import { context, type DerReader, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, tagName } from './der.ts';
import { EXTENSION_READERS } from './extension-readers.ts';
import { objectName } from './object-identifiers.ts';
import { readBoolean, readObjectIdentifier } from './values.ts';

const EXPLICIT = context(3, true);

/** What a reader of certificates lists of the extensions. */
export interface ExtensionFacts {
  /** The names of the subject alternative name, as a line. */
  readonly names?: string;
}

/** The extensions of a version 3 certificate (RFC 5280, 4.1.2.9), if there are any. */
export function readExtensions(der: DerReader): ExtensionFacts {
  let facts: ExtensionFacts = {};
  if (!der.isNext(EXPLICIT)) return facts;
  der.structure(EXPLICIT, 'x509af.extensions', 'Extensions', () => {
    const length = der.header(SEQUENCE);
    if (length !== der.remaining) der.reader.malformed(0, `Says ${length} bytes, ${der.remaining} are here.`);
    der.each(() => {
      const { identifier, value } = readExtension(der);
      if (objectName(identifier) === 'subjectAltName' && value !== undefined) facts = { names: value };
    });
  });
  return facts;
}

function readExtension(der: DerReader): { identifier: string; value: string | undefined } {
  let identifier = '';
  let value: string | undefined;
  der.structure(SEQUENCE, 'x509af.Extension_element', 'Extension', () => {
    identifier = readObjectIdentifier(der, 'x509af.extension.id', 'Extension', OBJECT_IDENTIFIER);
    const name = objectName(identifier);
    const known = name === undefined ? undefined : EXTENSION_READERS.get(name);
    der.reader.describe({ label: known?.label ?? name ?? identifier });
    if (der.isNext(0x01) && readBoolean(der, 'x509af.critical', 'Critical')) {
      der.reader.describe({ meaning: 'critical' });
    }
    const length = der.header(OCTET_STRING);
    if (length !== der.remaining) {
      der.reader.malformed(0, `${tagName(OCTET_STRING)} of ${length} bytes, ${der.remaining} are here.`);
    }
    if (known) value = known.read(der);
    else
      der.reader.opaque(der.remaining, 'plainsight.x509.extension_value', 'Value', 'Not taken apart here.');
    if (value !== undefined) der.reader.describe({ value });
  });
  return { identifier, value };
}
