import { findField, findFields } from '#dissectors/byte-reader.ts';
import { hexNumber } from '#dissectors/text.ts';
import { explainRecord } from '#dissectors/tls/explain.ts';
import { extensionName, groupName, isGrease } from '#dissectors/tls/names.ts';
import { describe, expect, test } from 'vitest';
import { readVector, streamOf } from '../../../vectors/vector.ts';
import { expectCovered, malformations } from '../feeding.ts';

const OPEN = { sealed: false, carriedOver: 0 };

function hello(name: string) {
  const bytes = streamOf(readVector(name), 'client-to-server');
  const end = 5 + (bytes[3] ?? 0) * 256 + (bytes[4] ?? 0);
  return explainRecord(bytes.subarray(0, end), OPEN);
}

describe('the ClientHello of RFC 8448, section 3', () => {
  const field = hello('rfc8448-hellos');
  const values = (name: string) => findFields(field, name).map(({ value }) => value);

  test('says what the RFC says it says', () => {
    expect(values('tls.handshake.extensions_server_name')).toEqual(['server']);
    expect(values('tls.handshake.ciphersuite')).toEqual([0x1301, 0x1303, 0x1302]);
    expect(values('tls.handshake.extensions.supported_version')).toEqual([0x0304]);
    expect(values('tls.handshake.extensions_supported_group')).toEqual([
      29, 23, 24, 25, 256, 257, 258, 259, 260,
    ]);
    expect(values('tls.handshake.extensions_key_share_group')).toEqual([29]);
    expect(values('tls.handshake.extensions_key_share_key_exchange')).toEqual([
      '99381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c',
    ]);
    expect(values('tls.handshake.sig_hash_alg')).toHaveLength(15);
    expect(values('tls.handshake.extension.type')).toEqual([0, 65_281, 10, 35, 51, 43, 13, 45, 28]);
  });

  test('says it in words', () => {
    const meanings = findFields(field, 'tls.handshake.ciphersuite').map(({ meaning }) => meaning);
    expect(meanings).toEqual([
      'TLS_AES_128_GCM_SHA256',
      'TLS_CHACHA20_POLY1305_SHA256',
      'TLS_AES_256_GCM_SHA384',
    ]);
  });
});

test('a browser’s hello names GREASE as GREASE and the key share of post-quantum times', () => {
  const field = hello('chromium-hello');
  const suites = findFields(field, 'tls.handshake.ciphersuite');
  expect(suites[0]).toMatchObject({ meaning: 'GREASE' });
  expect(findFields(field, 'tls.handshake.extensions_key_share_group').map(({ meaning }) => meaning)).toEqual(
    ['GREASE', 'X25519MLKEM768', 'x25519'],
  );
  expect(findFields(field, 'tls.handshake.extensions_alpn_str').map(({ value }) => value)).toEqual([
    'h2',
    'http/1.1',
  ]);
  expect(findFields(field, 'plainsight.tls.extension').map(({ label }) => label)).toContain(
    'encrypted_client_hello',
  );
});

test('GREASE is sixteen values and no others', () => {
  const values = Array.from({ length: 65_536 }, (_, value) => value).filter(isGrease);
  expect(values.map((value) => hexNumber(value))).toEqual(
    Array.from('0123456789abcdef', (digit) => `0x${digit}a${digit}a`),
  );
  expect([extensionName(0x1a1a), groupName(0x2a2a), groupName(0x7777)]).toEqual([
    'GREASE',
    'GREASE',
    'unknown 0x7777',
  ]);
});

test('sealed content is one field', () => {
  const field = explainRecord(Uint8Array.from([22, 3, 3, 0, 4, 1, 0, 0, 0]), {
    sealed: true,
    carriedOver: 0,
  });
  expect(field.children?.map(({ name }) => name)).toEqual([
    'tls.record.content_type',
    'tls.record.version',
    'tls.record.length',
    'tls.handshake',
  ]);
});

test.each([
  ['version', 'TLS 1.2', 0x0303],
  ['legacy_record_version', 'TLS 1.3', 0x0304],
  ['version', 'no version so far', undefined],
])('the version of a record is called %s in %s', (label, _, version) => {
  const context = { ...OPEN, version };
  const field = explainRecord(Uint8Array.from([21, 3, 3, 0, 2, 2, 48]), context);
  expect(findField(field, 'tls.record.version')?.label).toBe(label);
});

test('an alert is read', () => {
  const field = explainRecord(Uint8Array.from([21, 3, 3, 0, 2, 2, 48]), OPEN);
  expect(findField(field, 'tls.alert_message.level')?.meaning).toBe('fatal');
  expect(findField(field, 'tls.alert_message.desc')?.meaning).toBe('unknown_ca');
});

test('the end of a message begun earlier and the beginning of one that goes on are told apart', () => {
  const bytes = Uint8Array.from([22, 3, 3, 0, 12, 7, 7, 14, 0, 0, 0, 11, 0, 0, 9, 1, 2]);
  const field = explainRecord(bytes, { sealed: false, carriedOver: 2 });
  expectCovered(field, bytes.length);
  expect(findFields(field, 'tls.handshake.fragment').map(({ label }) => label)).toEqual([
    'Rest of a handshake message',
    'Beginning of Certificate',
  ]);
  expect(findField(field, 'tls.handshake')?.label).toBe('ServerHelloDone');
});

test('a broken length inside a hello is pointed out where it is, and reading goes on behind it', () => {
  const bytes = streamOf(readVector('rfc8448-hellos'), 'client-to-server').slice();
  // The length of the server name, one too long.
  bytes[64] = 7;
  const field = explainRecord(bytes, OPEN);
  expectCovered(field, bytes.length);
  expect(malformations(field)).toEqual(['Needs 7 bytes, 6 are left.']);
  expect(findFields(field, 'tls.handshake.extension.type')).toHaveLength(9);
});

test.each([
  ['too short', [22, 3]],
  ['of an unknown type', [99, 3, 3, 0, 0]],
  ['too long', [23, 3, 3, 0xff, 0xff, 1]],
  ['cut off', [23, 3, 3, 0, 9, 1]],
])('a record that is %s says so', (_case, bytes) => {
  const field = explainRecord(Uint8Array.from(bytes), OPEN);
  expectCovered(field, bytes.length);
  expect(malformations(field)).toHaveLength(1);
});
