import { sha256 } from '@noble/hashes/sha2.js';
import { findFields } from '#dissectors/byte-reader.ts';
import { decryptedDissections } from '#keys/decrypted-dissections.ts';
import { expandLabel } from '#keys/derivation.ts';
import { expect, test } from 'vitest';
import { readVector } from '../../vectors/vector.ts';
import { decrypt, recordsOf } from './tap.ts';

const CLIENT_RANDOM = 'cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7';
const SECRETS = {
  CLIENT_HANDSHAKE_TRAFFIC_SECRET: 'b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21',
  SERVER_HANDSHAKE_TRAFFIC_SECRET: 'b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38',
  CLIENT_TRAFFIC_SECRET_0: '9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5',
  SERVER_TRAFFIC_SECRET_0: 'a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643',
};
const keyLog = Object.entries(SECRETS)
  .map(([label, secret]) => `${label} ${CLIENT_RANDOM} ${secret}\n`)
  .join('');
const records = recordsOf(readVector('rfc8448-records').chunks);

test.each([
  ['CLIENT_HANDSHAKE_TRAFFIC_SECRET', 'dbfaa693d1762c5b666af5d950258d01', '5bd3c71b836e0b76bb73265f'],
  ['SERVER_HANDSHAKE_TRAFFIC_SECRET', '3fce516009c21727d0f2e4e86ee403bc', '5d313eb2671276ee13000b30'],
  ['CLIENT_TRAFFIC_SECRET_0', '17422dda596ed5d9acd890e3c63f5051', '5b78923dee08579033e523d9'],
  ['SERVER_TRAFFIC_SECRET_0', '9f02283b6c9c07efc26bb9f2ac92e356', 'cf782b88dd83549aadf1e984'],
] as const)('%s gives the key and the vector of RFC 8448, 3', (label, key, vector) => {
  const secret = Buffer.from(SECRETS[label], 'hex');
  expect(Buffer.from(expandLabel(sha256, secret, 'key', 16)).toString('hex')).toBe(key);
  expect(Buffer.from(expandLabel(sha256, secret, 'iv', 12)).toString('hex')).toBe(vector);
});

test('every record of RFC 8448, 3 opens to what the RFC prints', () => {
  const { read } = decrypt(records, keyLog);
  expect(read.map(({ reading }) => reading.state)).toEqual([
    ...['clear', 'clear', 'opened', 'opened', 'opened', 'opened', 'opened', 'opened', 'opened'],
  ]);
  const types = read.map(({ reading }) =>
    reading.state === 'sealed' ? [] : reading.handshake.map(({ bytes }) => bytes[0]),
  );
  expect(types).toEqual([[1], [2], [8, 11, 15, 20], [20], [4], [], [], [], []]);
  const payload = Uint8Array.from({ length: 50 }, (_, index) => index);
  for (const index of [5, 6])
    expect(read[index]?.reading).toMatchObject({ contentType: 23, content: payload });
  for (const index of [7, 8])
    expect(read[index]?.reading).toMatchObject({ contentType: 21, content: Uint8Array.of(1, 0) });
  // Finished, as the RFC prints it after the flight's other messages.
  const flight = read[2]?.reading;
  expect(flight?.state === 'opened' && Buffer.from(flight.content).toString('hex')).toMatch(
    /140000209b9b141d906337fbd2cbdce71df4deda4ab42c309572cb7fffee5454b78f0718$/,
  );
});

test('the tree of an opened record names its handshake messages and its inner type', () => {
  const { read, connection } = decrypt(records, keyLog);
  const [flight] = read.slice(2).map((record) => decryptedDissections(record, connection));
  const [inside] = flight ?? [];
  expect(inside?.source).toBe('decrypted');
  if (!inside) throw new Error('not opened');
  const types = findFields(inside.field, 'tls.handshake.type').map(({ meaning }) => meaning);
  expect(types).toEqual(['EncryptedExtensions', 'Certificate', 'CertificateVerify', 'Finished']);
  const [type] = findFields(inside.field, 'tls.record.content_type');
  expect(type).toMatchObject({ value: 22, range: { start: 657, end: 658 } });
  expect(inside.field.range).toEqual({ start: 0, end: 658 });
});

test('a record that was never sealed has nothing to decrypt', () => {
  const { read, connection } = decrypt(records, keyLog);
  expect(read.slice(0, 2).flatMap((record) => decryptedDissections(record, connection))).toEqual([]);
});
