import { hex, latin1, utf8 } from '../text.ts';
import { BIT_STRING, BOOLEAN, type DerReader, INTEGER, OBJECT_IDENTIFIER } from './der.ts';
import { dotted } from './object-identifier.ts';
import { objectName } from './object-identifiers.ts';

/** A BOOLEAN; DER writes true as 255 (X.690, 11.1). */
export function readBoolean(der: DerReader, name: string, label: string): boolean {
  der.header(BOOLEAN);
  return der.reader.uint(1, name, label, (value) => (value === 0 ? 'false' : 'true')) !== 0;
}

/** An INTEGER; one that fits into six bytes as a number, a longer or negative one as hex. */
export function readInteger(
  der: DerReader,
  name: string,
  label: string,
  { tag = INTEGER, meaning }: { tag?: number; meaning?: (value: number) => string | undefined } = {},
): number | undefined {
  const length = der.header(tag);
  const bytes = der.reader.ahead(length);
  if (length > 0 && length <= 6 && (bytes[0] ?? 0) < 0x80)
    return der.reader.uint(length, name, label, meaning);
  if (length === 0) der.reader.fail('A number without a single byte.');
  der.reader.decoded(
    length,
    name,
    label,
    hex(bytes.subarray(0, 64)),
    isNegative(bytes) ? 'negative' : undefined,
  );
  return undefined;
}

/** An OBJECT IDENTIFIER; answers it in dotted form. */
export function readObjectIdentifier(
  der: DerReader,
  name: string,
  label: string,
  tag = OBJECT_IDENTIFIER,
): string {
  const length = der.header(tag);
  const identifier = dotted(der.reader.ahead(length));
  if (identifier === undefined) {
    der.reader.malformed(length, 'No object identifier (X.690, 8.19).', name, label);
    return '';
  }
  der.reader.decoded(length, name, label, identifier, objectName(identifier));
  return identifier;
}

/** The number of unused bits that begins a BIT STRING (X.690, 8.6.2); answers how many bytes of bits follow. */
export function readBitStringStart(der: DerReader, tag = BIT_STRING): number {
  const length = der.header(tag);
  if (length === 0) der.reader.fail('A bit string without its first byte.');
  der.reader.uint(1, 'ber.bitstring.padding', 'Unused bits', (bits) =>
    bits === 0 ? 'the bits fill whole bytes' : `the last ${bits} bits do not count`,
  );
  return length - 1;
}

/** A BIT STRING of flags; `flags` names them from the first bit on. Answers the names of those that are set. */
export function readFlags(
  der: DerReader,
  name: string,
  label: string,
  flags: readonly string[],
  tag = BIT_STRING,
): readonly string[] {
  const length = readBitStringStart(der, tag);
  const bytes = der.reader.ahead(length);
  const set = flags.filter((_, bit) => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0);
  if (length > 0)
    der.reader.decoded(length, name, label, hex(bytes.subarray(0, 64)), set.join(', ') || 'none');
  return set;
}

/** Text of a character string type; what a type does not allow shows as it would be read leniently. */
export function decodeText(tag: number, bytes: Uint8Array): string {
  const type = tag & 0x1f;
  if (type === 30) return wide(bytes, 2);
  if (type === 28) return wide(bytes, 4);
  // TeletexString holds Latin-1 in practice, whatever T.61 says.
  return type === 20 ? latin1(bytes) : utf8(bytes);
}

/** Whether a number in two's complement is below zero. */
export function isNegative(bytes: Uint8Array): boolean {
  return (bytes[0] ?? 0) >= 0x80;
}

function wide(bytes: Uint8Array, size: 2 | 4): string {
  let text = '';
  for (let at = 0; at + size <= bytes.length; at += size) {
    const code = bytes.subarray(at, at + size).reduce((sum, byte) => sum * 256 + byte, 0);
    text += size === 2 ? String.fromCharCode(code) : code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  }
  return text;
}
