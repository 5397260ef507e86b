import { findField, findFields } from '#dissectors/byte-reader.ts';
import { CIPHER_SUITES } from '#dissectors/tls/cipher-suites.ts';
import { explainRecord } from '#dissectors/tls/explain.ts';
import { explainHandshake, type HandshakeContext } from '#dissectors/tls/handshake.ts';
import { keyExchangeOf } from '#dissectors/tls/key-exchange.ts';
import { describe, expect, test } from 'vitest';
import { isTsharkMissing } from '../../../support/tshark.ts';
import { execFileSync } from 'node:child_process';
import { expectCovered, malformations } from '../feeding.ts';

const SERVER: HandshakeContext = { version: 0x0303, from: 'server-to-client' };
const CLIENT: HandshakeContext = { version: 0x0303, from: 'client-to-server' };

function message(type: number, body: string): Uint8Array {
  const bytes = Buffer.from(body.replaceAll(' ', ''), 'hex');
  return Uint8Array.from([type, bytes.length >> 16, (bytes.length >> 8) & 255, bytes.length & 255, ...bytes]);
}

function explained(type: number, body: string, context: HandshakeContext) {
  const bytes = message(type, body);
  const field = explainHandshake(bytes, context);
  expectCovered(field, bytes.length);
  return field;
}

describe('a message that depends on what was agreed', () => {
  const cases: readonly (readonly [
    what: string,
    type: number,
    body: string,
    context: HandshakeContext,
    name: string,
    value: string | number,
  ])[] = [
    [
      'ServerKeyExchange of SRP',
      12,
      '0001 0b 0001 02 01 aa 0002 beef',
      { ...SERVER, cipherSuite: 0xc01d },
      'plainsight.tls.srp.b',
      'beef',
    ],
    [
      'ClientKeyExchange of SRP',
      16,
      '0002 beef',
      { ...CLIENT, cipherSuite: 0xc01d },
      'plainsight.tls.srp.a',
      'beef',
    ],
    [
      'ServerKeyExchange of an export suite',
      12,
      '0001 0b 0001 03 0401 0001 77',
      { ...SERVER, cipherSuite: 0x0003 },
      'tls.handshake.modulus',
      '0b',
    ],
    [
      'ServerKeyExchange of DHE and PSK',
      12,
      '0001 61 0001 0b 0001 02 0001 09',
      { ...SERVER, cipherSuite: 0x00aa },
      'tls.handshake.ys',
      '09',
    ],
    [
      'ClientKeyExchange of DHE and PSK',
      16,
      '0001 61 0001 09',
      { ...CLIENT, cipherSuite: 0x00aa },
      'tls.handshake.yc',
      '09',
    ],
    [
      'ClientKeyExchange of SSL 3.0 without a length',
      16,
      'aabbcc',
      { version: 0x0300, cipherSuite: 0x000a, from: 'client-to-server' },
      'tls.handshake.epms',
      'aabbcc',
    ],
    [
      'ServerKeyExchange of an unknown suite',
      12,
      '0102',
      { ...SERVER, cipherSuite: 0x7777 },
      'plainsight.tls.server_key_exchange.params',
      '0102',
    ],
    [
      'ClientKeyExchange of an unknown suite',
      16,
      '0102',
      CLIENT,
      'plainsight.tls.client_key_exchange.params',
      '0102',
    ],
    [
      'CertificateVerify before TLS 1.2',
      15,
      '0002 beef',
      { version: 0x0302, from: 'client-to-server' },
      'tls.handshake.client_cert_vrfy.sig',
      'beef',
    ],
    [
      'CertificateStatus with several responses',
      22,
      '02 000007 000001 aa 000000',
      SERVER,
      'plainsight.tls.ocsp_response',
      'aa',
    ],
    [
      'KeyUpdate',
      24,
      '01',
      { version: 0x0304, from: 'client-to-server' },
      'tls.handshake.key_update.request_update',
      1,
    ],
    [
      'CompressedCertificate',
      25,
      '0002 000100 000003 0b0280',
      { version: 0x0304, from: 'server-to-client' },
      'tls.compress_certificate.compressed_certificate_message',
      '0b0280',
    ],
    [
      'message_hash',
      254,
      'ab'.repeat(32),
      { version: 0x0304, from: 'client-to-server' },
      'plainsight.tls.first_client_hello_hash',
      'ab'.repeat(32),
    ],
    [
      'Certificate of a draft of TLS 1.3',
      11,
      '01 7f 000000',
      { version: 0x7f1c, from: 'client-to-server' },
      'tls.handshake.certificate_request_context',
      '7f',
    ],
    ['a message of an unknown type', 99, '0102', SERVER, 'plainsight.tls.handshake_body', '0102'],
  ];

  test.each(cases)('%s', (_what, type, body, context, name, value) => {
    const field = explained(type, body, context);
    expect(malformations(field)).toEqual([]);
    expect(findField(field, name)?.value).toBe(value);
  });

  test.each(cases)(
    '%s, cut anywhere or with any byte at its largest, is covered',
    (_what, type, body, context) => {
      const bytes = Buffer.from(body.replaceAll(' ', ''), 'hex');
      for (let at = 0; at < bytes.length; at++) {
        explained(type, bytes.subarray(0, at).toString('hex'), context);
        const lying = Buffer.from(bytes);
        lying[at] = 0xff;
        explained(type, lying.toString('hex'), context);
      }
    },
  );

  test('a static RSA suite has no ServerKeyExchange; its pre-master secret is under the certificate’s key', () => {
    const field = explained(16, `0003 aabbcc`, { ...CLIENT, cipherSuite: 0x009c });
    expect(findField(field, 'tls.handshake.epms')?.label).toBe('Encrypted pre-master secret');
    expect(keyExchangeOf(0x009c)).toEqual({ exchange: 'rsa', signed: false });
  });
});

test.each([
  ['HelloRequest', 0],
  ['ServerHelloDone', 14],
  ['EndOfEarlyData', 5],
])('%s has no body, and one that has says so', (label, type) => {
  expect(explained(type, '', SERVER)).toMatchObject({ label, range: { start: 0, end: 4 } });
  expect(malformations(explained(type, '00', SERVER))).toEqual(['This message has no body.']);
});

test.each([
  [0x0304, 'Means nothing in TLS 1.3'],
  [0x0303, 'From here on'],
  [undefined, 'In TLS 1.2'],
])('Change Cipher Spec says what it is for in version %s', (version, meaning) => {
  const field = explainRecord(Uint8Array.from([20, 3, 3, 0, 1, 1]), {
    sealed: false,
    carriedOver: 0,
    version,
  });
  expect(findField(field, 'tls.change_cipher_spec')?.meaning).toContain(meaning);
});

test('alerts that share a record are all read', () => {
  const field = explainRecord(Uint8Array.from([21, 3, 1, 0, 4, 1, 100, 1, 0]), {
    sealed: false,
    carriedOver: 0,
  });
  expect(findFields(field, 'tls.alert_message.desc').map(({ meaning }) => meaning)).toEqual([
    'no_renegotiation',
    'close_notify',
  ]);
});

describe('the registry of cipher suites', () => {
  test('says of every suite before TLS 1.3 that browsers and OpenSSL offer how its secret comes about', () => {
    const silent = Object.entries(CIPHER_SUITES).filter(
      ([code, name]) => name.includes('_WITH_') && !keyExchangeOf(Number(code)),
    );
    const methods = new Set(silent.map(([, name]) => name.slice(4, name.indexOf('_WITH_'))));
    expect([...methods].sort()).toEqual([
      'ECCPWD',
      'ECJPAKE',
      'GOSTR341001',
      'GOSTR341094',
      'GOSTR341112_256',
      'KRB5',
      'KRB5_EXPORT',
      'NULL',
    ]);
  });

  test.skipIf(isTsharkMissing)('names them as Wireshark does', () => {
    const table = execFileSync('tshark', ['-G', 'values'], { maxBuffer: 1e8, stdio: 'pipe' }).toString();
    const theirs = new Map(
      [...table.matchAll(/^V\ttls\.handshake\.ciphersuite\t(\d+)\t(\w+)$/gm)].map(([, code, name]) => [
        Number(code),
        name,
      ]),
    );
    const differing = Object.entries(CIPHER_SUITES).filter(
      ([code, name]) => theirs.get(Number(code)) !== name,
    );
    expect(differing.map(([, name]) => name)).toEqual([]);
  });
});
