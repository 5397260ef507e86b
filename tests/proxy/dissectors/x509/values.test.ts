import { addressText, networkText } from '#dissectors/x509/addresses.ts';
import { dotted } from '#dissectors/x509/object-identifier.ts';
import { attributeShortName, objectName } from '#dissectors/x509/object-identifiers.ts';
import { isoDate } from '#dissectors/x509/time.ts';
import { decodeText } from '#dissectors/x509/values.ts';
import { isIPv6, SocketAddress } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';

test.each([
  ['500101000000Z', '1950-01-01T00:00:00Z'],
  ['491231235959Z', '2049-12-31T23:59:59Z'],
  ['991231235959Z', '1999-12-31T23:59:59Z'],
  ['20500101000000Z', '2050-01-01T00:00:00Z'],
  ['99991231235959Z', '9999-12-31T23:59:59Z'],
  ['240229120000Z', '2024-02-29T12:00:00Z'],
])('%s is %s', (text, iso) => {
  expect(isoDate(text)).toBe(iso);
});

test.each([
  '230229120000Z',
  '2301011200Z',
  '230101120000+0100',
  '231301000000Z',
  '20230101000000.5Z',
  '',
  'x',
])('%j is no date of a certificate', (text) => {
  expect(isoDate(text)).toBeUndefined();
});

test.each([
  ['2a864886f70d01010b', '1.2.840.113549.1.1.11'],
  ['550403', '2.5.4.3'],
  ['8837', '2.999'],
  ['00', '0.0'],
  ['27', '0.39'],
  ['28', '1.0'],
  ['4f', '1.39'],
  ['50', '2.0'],
  ['6982808080808080808000', '2.25.18446744073709551616'],
])('object identifier %s is %s', (bytes, text) => {
  expect(dotted(Buffer.from(bytes, 'hex'))).toBe(text);
});

test.each(['', '2a86', '2a8001', 'ff'.repeat(200)])('%j is no object identifier', (bytes) => {
  expect(dotted(Buffer.from(bytes, 'hex'))).toBeUndefined();
});

test('a name that an object has anyway is no name of an identifier', () => {
  expect(objectName('constructor')).toBeUndefined();
  expect(attributeShortName('__proto__')).toBe('__proto__');
  expect(attributeShortName('2.5.4.3')).toBe('CN');
});

test('IPv6 addresses are written as Node writes them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(0, 0, 0, 1, 0xab, 0xff), { minLength: 16, maxLength: 16 }),
      (bytes) => {
        const text = addressText(Uint8Array.from(bytes)) ?? '';
        expect(isIPv6(text)).toBe(true);
        const groups = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
        const full = groups.replaceAll(/....(?=.)/g, '$&:');
        const { address } = new SocketAddress({ address: full, family: 'ipv6' });
        // The C library writes embedded IPv4 addresses with dots, which RFC 5952 leaves open.
        if (!address.includes('.')) expect(text).toBe(address);
      },
    ),
  );
});

test.each([
  [[10, 0, 0, 0, 255, 0, 0, 0], '10.0.0.0/8'],
  [[0, 0, 0, 0, 0, 0, 0, 0], '0.0.0.0/0'],
  [[10, 0, 0, 0, 255, 0, 255, 0], '10.0.0.0/255.0.255.0'],
  [[...Array<number>(15).fill(0), 1, ...Array<number>(16).fill(255)], '::1/128'],
])('address and mask %j are %s', (bytes, text) => {
  expect(networkText(Uint8Array.from(bytes))).toBe(text);
});

test('text is read by its type', () => {
  expect(decodeText(0x0c, Buffer.from('Käse'))).toBe('Käse');
  expect(decodeText(0x14, Uint8Array.of(0x4b, 0xe4))).toBe('Kä');
  expect(decodeText(0x1e, Uint8Array.of(0x65, 0xe5, 0x67, 0x2c))).toBe('日本');
  expect(decodeText(0x1c, Uint8Array.of(0, 1, 0xf6, 0, 0, 0x11, 0, 0))).toBe('😀\ufffd');
});
