import { dissectBytes, findField, findFields } from '#dissectors/byte-reader.ts';
import type { Field } from '#dissectors/field.ts';
import { explainCertificate, readCertificate } from '#dissectors/x509/certificate.ts';
import { DerReader } from '#dissectors/x509/der.ts';
import { expect, test } from 'vitest';
import { createAuthority } from '../../../../certs/authority.ts';
import { expectCovered, malformations } from '../feeding.ts';

/** An element with a length in as few bytes as DER asks for. */
function element(tag: number, ...parts: readonly (readonly number[])[]): number[] {
  const value = parts.flat();
  const { length } = value;
  if (length < 0x80) return [tag, length, ...value];
  if (length < 0x100) return [tag, 0x81, length, ...value];
  if (length < 0x10000) return [tag, 0x82, length >> 8, length & 0xff, ...value];
  return [tag, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff, ...value];
}

function anything(bytes: readonly number[]): Field {
  const field = dissectBytes(Uint8Array.from(bytes), 'test', 'Test', (reader) => {
    const der = new DerReader(reader);
    der.each(() => {
      der.anything('value', 'Value');
    });
  });
  expectCovered(field, bytes.length);
  return field;
}

function certificate(bytes: readonly number[]): Field {
  const field = explainCertificate(Uint8Array.from(bytes));
  expectCovered(field, bytes.length);
  return field;
}

test('an element is told apart into tag and length, and value', () => {
  const field = anything(element(0x30, element(0x02, [5]), element(0x0c, [0x68, 0x69])));
  expect(findFields(field, 'plainsight.der.header').map(({ value, meaning }) => [value, meaning])).toEqual([
    ['SEQUENCE', '7 bytes follow'],
    ['INTEGER', '1 byte follows'],
    ['UTF8String', '2 bytes follow'],
  ]);
  expect(malformations(field)).toEqual([]);
});

test.each([
  ['an indefinite length', [0x30, 0x80, 0x02, 0x01, 0x05, 0, 0], /indefinite length/],
  ['a length in more bytes than it needs', [0x02, 0x81, 0x01, 0x05], /more bytes than it needs/],
  ['a length that begins with a zero', [0x04, 0x82, 0x00, 0x80, ...Array<number>(128).fill(1)], /more bytes/],
  ['a length of five bytes', [0x30, 0x85, 0, 0, 0, 0, 1, 5], /more than four bytes/],
  ['a length that is cut off', [0x30, 0x82, 0x01], /cut off/],
  ['a tag without a length', [0x30], /length is missing/],
  ['a long tag number', [0x3f, 0x81, 0x01, 0x00], /tag number of more than 30/],
  ['a value that is cut off', [0x30, 0x7f, 0x02, 0x01, 0x05], /Says 129 bytes, 5 are here/],
])('%s is marked and says why', (_case, bytes, why) => {
  expect(malformations(anything(bytes)).join(' ')).toMatch(why);
});

test('a length of more bytes than needed does not hide the value', () => {
  expect(findField(anything([0x02, 0x81, 0x01, 0x05]), 'value')?.value).toBe('05');
});

test('nesting ends at a bound', () => {
  let bytes: number[] = [0x30, 0x00];
  for (let depth = 0; depth < 400; depth++) bytes = element(0x30, bytes);
  expect(malformations(anything(bytes)).join(' ')).toMatch(/Nested deeper/);
});

test('the number of elements ends at a bound', () => {
  const part = element(0x31, element(0x30, element(0x06, [0x55, 4, 3]), element(0x0c, [0x61])));
  const name = element(0x30, ...Array<number[]>(30_000).fill(part));
  const version = element(0xa0, element(0x02, [2]));
  const algorithm = element(0x30, element(0x06, [0x2b, 0x65, 0x70]));
  const field = certificate(
    element(0x30, element(0x30, version, element(0x02, [1]), algorithm, name, element(0x30))),
  );
  expect(malformations(field).join(' ')).toMatch(/More than 20000 elements/);
  expect(findFields(field, 'plainsight.der.header').length).toBeLessThanOrEqual(20_000);
});

test('a value of another type than expected is marked, and what follows is still read', () => {
  const bytes = element(
    0x30,
    element(0x04, [1]),
    element(0x30, element(0x06, [0x2b, 0x65, 0x70])),
    element(0x03, [0, 1]),
  );
  const field = certificate(bytes);
  expect(malformations(field)).toContain('Expected SEQUENCE here, found OCTET STRING.');
});

test('inside a message a certificate covers exactly the bytes it is given', async () => {
  const { certificateDer } = await createAuthority();
  const { length } = certificateDer;
  const bytes = Uint8Array.from([...certificateDer, 1, 2, 3]);
  const field = dissectBytes(bytes, 'message', 'Message', (reader) => {
    readCertificate(reader, length);
    reader.opaque(3, 'rest', 'Rest');
  });
  expectCovered(field, length + 3);
  expect(field.children?.map(({ name, range }) => [name, range])).toEqual([
    ['tls.handshake.certificate', { start: 0, end: length }],
    ['rest', { start: length, end: length + 3 }],
  ]);
  expect(malformations(field)).toEqual([]);
});

test('inside a message that is cut off a certificate says so', async () => {
  const { certificateDer } = await createAuthority();
  const cut = certificateDer.slice(0, 200);
  const field = dissectBytes(cut, 'message', 'Message', (reader) => {
    readCertificate(reader, certificateDer.length);
  });
  expectCovered(field, 200);
  expect(malformations(field).join(' ')).toMatch(/200 are here/);
  expect(findField(field, 'x509af.serialNumber')?.value).toMatch(/^[0-9a-f]{32}$/);
});

test('bytes behind the certificate are marked', async () => {
  const { certificateDer } = await createAuthority();
  expect(malformations(certificate([...certificateDer, 0, 0])).join(' ')).toMatch(
    /2 more bytes than expected/,
  );
});

test('a certificate of version 1 has neither version nor extensions', () => {
  const algorithm = element(0x30, element(0x06, [0x2b, 0x65, 0x70]));
  const date = element(0x17, [...new TextEncoder().encode('260101000000Z')]);
  const key = element(0x30, algorithm, element(0x03, [0], Array<number>(32).fill(7)));
  const signed = element(
    0x30,
    element(0x02, [1]),
    algorithm,
    element(0x30),
    element(0x30, date, date),
    element(0x30),
    key,
  );
  const field = certificate(element(0x30, signed, algorithm, element(0x03, [0], Array<number>(64).fill(9))));
  expect(malformations(field)).toEqual([]);
  expect(findField(field, 'x509af.version')).toBeUndefined();
  expect(findField(field, 'x509af.extensions')).toBeUndefined();
  expect(findField(field, 'x509af.validity_element')?.value).toBe(
    '2026-01-01T00:00:00Z to 2026-01-01T00:00:00Z',
  );
});
