import { hex } from '../text.ts';
import { type Algorithm, readAlgorithm } from './algorithm.ts';
import { type DerReader, INTEGER, SEQUENCE } from './der.ts';
import { readBitStringStart, readInteger } from './values.ts';

const POINT_FORMS: Readonly<Record<number, string>> = {
  2: 'compressed, y is even',
  3: 'compressed, y is odd',
  4: 'uncompressed, x and y follow',
};

/** The key that the certificate vouches for (RFC 5280, 4.1.2.7); answers what kind it is: `RSA, 2048 bits`. */
export function readPublicKeyInfo(der: DerReader): string {
  let kind = '';
  der.structure(SEQUENCE, 'x509af.subjectPublicKeyInfo_element', 'Public key', () => {
    const algorithm = readAlgorithm(der, 'x509af.algorithm_element', 'Kind of key');
    const length = readBitStringStart(der);
    kind = readKey(der, algorithm, length);
    der.reader.describe({ value: kind });
  });
  return kind;
}

function readKey(der: DerReader, { name, curve }: Algorithm, length: number): string {
  const whole = 'x509af.subjectPublicKey';
  if (name === 'rsaEncryption' || name === 'RSASSA-PSS') {
    let bits = 0;
    der.reader.block(length, whole, 'RSA key', () => {
      bits = readRsaKey(der);
    });
    return `RSA, ${bits} bits`;
  }
  if (name === 'ecPublicKey') {
    der.reader.block(length, whole, 'Point on the curve', () => {
      readPoint(der);
    });
    return curve ?? 'elliptic curve';
  }
  der.reader.opaque(length, whole, 'Key', name);
  return name;
}

/** RFC 3279, 2.3.1; answers the size of the modulus in bits. */
function readRsaKey(der: DerReader): number {
  let bits = 0;
  const length = der.header(SEQUENCE);
  if (length !== der.remaining) der.reader.malformed(0, `Says ${length} bytes, ${der.remaining} are here.`);
  const size = der.header(INTEGER);
  const modulus = der.reader.ahead(size);
  const lead = modulus.findIndex((byte) => byte !== 0);
  if (lead !== -1) bits = (modulus.length - lead) * 8 - Math.clz32(modulus[lead] ?? 0) + 24;
  if (size === 0) der.reader.fail('A number without a single byte.');
  der.reader.decoded(size, 'pkcs1.modulus', 'Modulus', hex(modulus.subarray(0, 64)), `${bits} bits`);
  readInteger(der, 'pkcs1.publicExponent', 'Public exponent');
  return bits;
}

/** RFC 5480, 2.2 */
function readPoint({ reader }: DerReader): void {
  const form = reader.uint(1, 'plainsight.x509.point_form', 'Form', (value) => POINT_FORMS[value]);
  if (form !== 4) {
    reader.opaque(reader.remaining, 'plainsight.x509.point_x', 'x');
    return;
  }
  if (reader.remaining % 2 !== 0) reader.fail('x and y are not of the same size.');
  const half = reader.remaining / 2;
  reader.opaque(half, 'plainsight.x509.point_x', 'x');
  reader.opaque(half, 'plainsight.x509.point_y', 'y');
}
