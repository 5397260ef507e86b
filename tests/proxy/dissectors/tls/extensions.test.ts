import { findField, findFields } from '#dissectors/byte-reader.ts';
import type { Field } from '#dissectors/field.ts';
import { explainHandshake } from '#dissectors/tls/handshake.ts';
import { describe, expect, test } from 'vitest';
import { expectCovered, malformations } from '../feeding.ts';

type Place = 'client' | 'server' | 'retry' | 'encrypted' | 'certificate' | 'request' | 'ticket';

const RANDOM = [...new Uint8Array(32)];
const RETRY = [...Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex')];

/** The bytes behind a length of two bytes. */
function sized(bytes: readonly number[], size = 2): readonly number[] {
  const length = [bytes.length >> 16, (bytes.length >> 8) & 255, bytes.length & 255];
  return [...length.slice(3 - size), ...bytes];
}

/** What stands around a list of extensions in each place, and the type of the message. */
const AROUND: Readonly<
  Record<Place, readonly [type: number, before: readonly number[], after?: 'certificate']>
> = {
  client: [1, [3, 3, ...RANDOM, 0, 0, 2, 0x13, 1, 1, 0]],
  server: [2, [3, 3, ...RANDOM, 0, 0x13, 1, 0]],
  retry: [2, [3, 3, ...RETRY, 0, 0x13, 1, 0]],
  encrypted: [8, []],
  certificate: [11, [], 'certificate'],
  request: [13, [0]],
  ticket: [4, [0, 0, 0, 30, 1, 2, 3, 4, 1, 9, 0, 2, 7, 7]],
};

/** The tree of a message of TLS 1.3 with this one extension in it; `data` in hex. */
function extension(place: Place, type: number, data: string): Field {
  const [message, before, kind] = AROUND[place];
  const list = sized([type >> 8, type & 255, ...sized([...Buffer.from(data.replaceAll(' ', ''), 'hex')])]);
  // An empty sequence is no certificate, but its lengths are right.
  const body =
    kind === 'certificate' ? [0, ...sized([...sized([0x30, 0], 3), ...list], 3)] : [...before, ...list];
  const bytes = Uint8Array.from([message, ...sized(body, 3)]);
  const field = explainHandshake(bytes, { version: 0x0304, cipherSuite: 0x1301, from: 'client-to-server' });
  expectCovered(field, bytes.length);
  return findFields(field, 'plainsight.tls.extension').at(-1) ?? field;
}

function values(field: Field, name: string): readonly unknown[] {
  return findFields(field, name).map(({ value }) => value);
}

describe('an extension is taken apart', () => {
  const cases: readonly (readonly [what: string, Place, number, string, string, readonly unknown[]])[] = [
    [
      'server_name',
      'client',
      0,
      '0009 00 0006 736572766572',
      'tls.handshake.extensions_server_name',
      ['server'],
    ],
    ['max_fragment_length', 'client', 1, '02', 'tls.handshake.max_fragment_length', [2]],
    ['status_request', 'client', 5, '01 0000 0000', 'tls.handshake.extensions_status_request_type', [1]],
    [
      'status_request of a certificate',
      'certificate',
      5,
      '01 000003 30010a',
      'plainsight.tls.ocsp_response',
      ['30010a'],
    ],
    [
      'status_request_v2',
      'client',
      17,
      '0007 02 0004 0000 0000',
      'tls.handshake.extensions_status_request_type',
      [2],
    ],
    ['heartbeat', 'client', 15, '01', 'tls.handshake.extension.heartbeat.mode', [1]],
    ['ALPN', 'encrypted', 16, '0003 02 6832', 'tls.handshake.extensions_alpn_str', ['h2']],
    ['client_certificate_type', 'client', 19, '02 0200', 'tls.handshake.cert_type.type', [2, 0]],
    ['server_certificate_type, chosen', 'encrypted', 20, '02', 'tls.handshake.cert_type.type', [2]],
    ['padding', 'client', 21, '000000', 'tls.handshake.extensions_padding_data', ['000000']],
    ['compress_certificate', 'client', 27, '04 0002 0001', 'tls.compress_certificate.algorithm', [2, 1]],
    ['record_size_limit', 'encrypted', 28, '4001', 'tls.record_size_limit', [16_385]],
    ['delegated_credential', 'client', 34, '0002 0403', 'tls.handshake.sig_hash_alg', [0x0403]],
    [
      'delegated_credential of a certificate',
      'certificate',
      34,
      '00015180 0403 000002 3000 0804 0003 010203',
      'tls.handshake.cred.signature',
      ['010203'],
    ],
    ['session_ticket', 'client', 35, 'aabb', 'tls.handshake.extension.data', ['aabb']],
    ['pre_shared_key, chosen', 'server', 41, '0000', 'tls.handshake.extensions.psk.identity.selected', [0]],
    [
      'pre_shared_key, offered',
      'client',
      41,
      '0010 0002 aaaa 00000001 0002 bbbb 00000002 0006 02 c1c1 02 c2c2',
      'plainsight.tls.psk_binder',
      ['c1c1', 'c2c2'],
    ],
    ['early_data of a ticket', 'ticket', 42, '00000400', 'tls.early_data.max_early_data_size', [1024]],
    [
      'supported_versions',
      'client',
      43,
      '04 0304 0303',
      'tls.handshake.extensions.supported_version',
      [0x0304, 0x0303],
    ],
    [
      'supported_versions, chosen',
      'server',
      43,
      '0304',
      'tls.handshake.extensions.supported_version',
      [0x0304],
    ],
    ['cookie', 'retry', 44, '0003 616263', 'tls.handshake.extensions.cookie', ['616263']],
    ['psk_key_exchange_modes', 'client', 45, '02 0100', 'tls.extension.psk_ke_mode', [1, 0]],
    [
      'certificate_authorities',
      'request',
      47,
      '0010 000e 300c 310a 3008 0603550403 0c01 61',
      'tls.handshake.dname',
      ['CN=a'],
    ],
    ['oid_filters', 'request', 48, '0009 03 551d25 0003 300130', 'tls.extension.oid_filters.oid', ['551d25']],
    ['signature_algorithms_cert', 'request', 50, '0002 0807', 'tls.handshake.sig_hash_alg', [0x0807]],
    [
      'key_share of another try',
      'retry',
      51,
      '0018',
      'tls.handshake.extensions_key_share_selected_group',
      [24],
    ],
    ['quic_transport_parameters', 'client', 57, '0102', 'tls.handshake.extension.data', ['0102']],
    ['ALPS', 'client', 17_613, '0003 02 6832', 'tls.handshake.extensions_alps_alpn_str', ['h2']],
    ['ALPS, the settings', 'encrypted', 17_613, '0102', 'tls.handshake.extensions_alps.settings', ['0102']],
    ['trust_anchors', 'client', 51_764, '0004 03 82df13', 'plainsight.tls.trust_anchor', ['82df13']],
    ['renegotiation_info', 'client', 65_281, '02 abcd', 'tls.handshake.extensions_reneg_info', ['abcd']],
    ['ECH of the inner hello', 'client', 65_037, '01', 'plainsight.tls.ech.type', [1]],
    [
      'ECH, accepted after another try',
      'retry',
      65_037,
      '0102030405060708',
      'plainsight.tls.ech.confirmation',
      ['0102030405060708'],
    ],
    ['ECH, refused', 'encrypted', 65_037, '0002 fe0d', 'plainsight.tls.ech.retry_configs', ['fe0d']],
  ];

  test.each(cases)('%s', (_what, place, type, data, name, expected) => {
    const field = extension(place, type, data);
    expect(malformations(field)).toEqual([]);
    expect(values(field, name)).toEqual(expected);
  });

  // Every type that has a layout, cut anywhere and with any byte at its largest.
  test.each(cases)('%s, broken, is covered all the same', (_what, place, type, data) => {
    const bytes = Buffer.from(data.replaceAll(' ', ''), 'hex');
    for (let at = 0; at < bytes.length; at++) {
      extension(place, type, bytes.subarray(0, at).toString('hex'));
      const lying = Buffer.from(bytes);
      lying[at] = 0xff;
      extension(place, type, lying.toString('hex'));
    }
  });
});

test('an encrypted ClientHello and what stands in for one look the same, and the text says so', () => {
  const field = extension('client', 65_037, '00 0001 0001 31 0002 aabb 0003 010203');
  expect(values(field, 'plainsight.tls.ech.enc')).toEqual(['aabb']);
  expect(findField(field, 'plainsight.tls.ech.kdf')?.meaning).toBe('HKDF-SHA256');
  expect(findField(field, 'plainsight.tls.ech.payload')).toMatchObject({
    value: '010203',
    meaning: expect.stringContaining('cannot be told apart') as string,
  });
});

test('a signed certificate timestamp names its log and its time', () => {
  const log = '11'.repeat(32);
  const field = extension('certificate', 18, `0033 0031 00 ${log} 0000018bcfe56800 0000 0403 0002 beef`);
  expect(malformations(field)).toEqual([]);
  expect(values(field, 'tls.sct.sct_logid')).toEqual([log]);
  expect(findField(field, 'tls.sct.sct_timestamp')?.meaning).toBe('2023-11-14T22:13:20.000Z');
  expect(values(field, 'tls.sct.sct_signature')).toEqual(['beef']);
});

describe('a key share of two halves', () => {
  const share = (group: string, size: number) =>
    `${group} ${size.toString(16).padStart(4, '0')} ${'ab'.repeat(size)}`;
  const lengths = (field: Field) =>
    findField(field, 'tls.handshake.extensions_key_share_key_exchange')?.children?.map(({ label, range }) => [
      label,
      range.end - range.start,
    ]);

  test.each([
    [
      'X25519MLKEM768',
      '11ec',
      1216,
      [
        ['ML-KEM-768 encapsulation key', 1184],
        ['X25519 public key', 32],
      ],
    ],
    [
      'SecP256r1MLKEM768',
      '11eb',
      1249,
      [
        ['P-256 public key', 65],
        ['ML-KEM-768 encapsulation key', 1184],
      ],
    ],
    [
      'SecP384r1MLKEM1024',
      '11ed',
      1665,
      [
        ['P-384 public key', 97],
        ['ML-KEM-1024 encapsulation key', 1568],
      ],
    ],
    [
      'X25519Kyber768Draft00',
      '6399',
      1216,
      [
        ['X25519 public key', 32],
        ['Kyber768 encapsulation key', 1184],
      ],
    ],
  ])('%s of a client', (_name, group, size, expected) => {
    const field = extension('client', 51, `${(size + 4).toString(16).padStart(4, '0')}${share(group, size)}`);
    expect(malformations(field)).toEqual([]);
    expect(lengths(field)).toEqual(expected);
  });

  test('X25519MLKEM768 of a server encloses a secret instead of another key', () => {
    expect(lengths(extension('server', 51, share('11ec', 1120)))).toEqual([
      ['ML-KEM-768 ciphertext', 1088],
      ['X25519 public key', 32],
    ]);
  });

  test('of another length than it should have is left in one piece', () => {
    expect(lengths(extension('server', 51, share('11ec', 1119)))).toBeUndefined();
  });
});

describe('GREASE is named as GREASE', () => {
  test.each([
    ['an extension', 0x3a3a, '00', 'tls.handshake.extension.type'],
    ['a version', 43, '02 5a5a', 'tls.handshake.extensions.supported_version'],
    ['a group', 10, '0002 7a7a', 'tls.handshake.extensions_supported_group'],
    ['a signature scheme', 13, '0002 aaaa', 'tls.handshake.sig_hash_alg'],
    ['a key share', 51, '0005 baba 0001 00', 'tls.handshake.extensions_key_share_group'],
    ['a PSK mode', 45, '01 2a', 'tls.extension.psk_ke_mode'],
  ])('as %s', (_what, type, data, name) => {
    expect(findField(extension('client', type, data), name)?.meaning).toBe('GREASE');
  });

  test('as a protocol', () => {
    expect(
      findField(extension('client', 16, '0003 02 6a6a'), 'tls.handshake.extensions_alpn_str')?.meaning,
    ).toBe('GREASE');
  });
});
