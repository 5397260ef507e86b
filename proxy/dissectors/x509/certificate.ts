import { type ByteReader, dissectBytes } from '../byte-reader.ts';
import type { Field } from '../field.ts';
import { hex } from '../text.ts';
import { readAlgorithm } from './algorithm.ts';
import { context, DerReader, INTEGER, SEQUENCE } from './der.ts';
import { readExtensions } from './extensions.ts';
import { readName } from './names.ts';
import { readPublicKeyInfo } from './public-key.ts';
import { readValidity } from './time.ts';
import { isNegative, readBitStringStart, readInteger } from './values.ts';

const VERSION = context(0, true);

/** A certificate (X.509 as RFC 5280 profiles it) as one block of exactly `length` bytes, inside a message of TLS. */
export function readCertificate(reader: ByteReader, length: number): void {
  reader.block(length, 'tls.handshake.certificate', 'Certificate', () => {
    readContent(new DerReader(reader));
  });
}

/** The same of the bytes of a DER file. */
export function explainCertificate(bytes: Uint8Array): Field {
  return dissectBytes(bytes, 'x509af.Certificate_element', 'Certificate', (reader) => {
    readContent(new DerReader(reader));
  });
}

function readContent(der: DerReader): void {
  const { reader } = der;
  const length = der.header(SEQUENCE);
  if (length !== der.remaining) reader.malformed(0, `Says ${length} bytes, ${der.remaining} are here.`);
  readToBeSigned(der);
  readAlgorithm(der, 'x509af.algorithmIdentifier_element', 'Signature algorithm');
  reader.opaque(readBitStringStart(der), 'x509af.encrypted', 'Signature');
}

/** RFC 5280, 4.1.2 */
function readToBeSigned(der: DerReader): void {
  let names: string | undefined;
  let issuer = '';
  der.structure(SEQUENCE, 'x509af.signedCertificate_element', 'What the issuer signed', () => {
    readVersion(der);
    readSerialNumber(der);
    readAlgorithm(der, 'x509af.signature_element', 'Signature algorithm');
    issuer = readName(der, 'x509af.issuer', 'Issuer');
    readValidity(der);
    const subject = readName(der, 'x509af.subject', 'Subject');
    readPublicKeyInfo(der);
    readUniqueIdentifier(der, 1, 'x509af.issuerUniqueIdentifier', 'Issuer unique identifier');
    readUniqueIdentifier(der, 2, 'x509af.subjectUniqueIdentifier', 'Subject unique identifier');
    names = readExtensions(der).names ?? subject;
  });
  if (names !== undefined) der.reader.describe({ value: names, meaning: `issued by ${issuer}` });
}

/** Version 1 is the default and so is not written (RFC 5280, 4.1.2.1). */
function readVersion(der: DerReader): void {
  if (!der.isNext(VERSION)) return;
  der.structure(VERSION, 'plainsight.der.tagged', 'Version', () => {
    readInteger(der, 'x509af.version', 'Version', { meaning: (value) => `v${value + 1}` });
  });
}

/** The number as hex, without the zero that keeps it positive; `-05` for one below zero, as OpenSSL writes it. */
function readSerialNumber(der: DerReader): void {
  const length = der.header(INTEGER);
  const bytes = der.reader.ahead(Math.min(length, 64));
  if (length === 0) der.reader.fail('A number without a single byte.');
  const negative = isNegative(bytes);
  const digits = hex(negative ? magnitude(bytes) : bytes[0] === 0 && length > 1 ? bytes.subarray(1) : bytes);
  // RFC 5280, 4.1.2.2 forbids it to issuers and asks readers to bear it.
  const meaning = negative ? 'negative, which the rules forbid' : undefined;
  der.reader.decoded(
    length,
    'x509af.serialNumber',
    'Serial number',
    negative ? `-${digits}` : digits,
    meaning,
  );
}

/** The absolute value of a negative number in two's complement. */
function magnitude(bytes: Uint8Array): Uint8Array {
  const result = bytes.map((byte) => byte ^ 0xff);
  for (let at = result.length - 1; at >= 0; at--) {
    const sum = (result[at] ?? 0) + 1;
    result[at] = sum & 0xff;
    if (sum <= 0xff) break;
  }
  return result;
}

function readUniqueIdentifier(der: DerReader, number: number, name: string, label: string): void {
  const tag = context(number);
  if (der.isNext(tag)) der.reader.opaque(readBitStringStart(der, tag), name, label);
}
