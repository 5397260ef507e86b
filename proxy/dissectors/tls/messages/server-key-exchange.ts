import type { ByteReader } from '../../byte-reader.ts';
import { readSignatureScheme } from '../extensions/signatures.ts';
import type { HandshakeContext } from '../handshake-context.ts';
import { type KeyExchange, keyExchangeOf } from '../key-exchange.ts';
import { groupName } from '../names.ts';
import { readOpaque } from '../variable-length.ts';
import { TLS_1_2 } from '../versions.ts';

const NAMED_CURVE = 3;

const PUBLIC_KEY =
  'In clear, like a key share of TLS 1.3: as a rule made for this connection and then forgotten.';

/** ServerKeyExchange, which only TLS 1.2 and older have: what it holds depends on the suite (RFC 5246, 7.4.3). */
export function readServerKeyExchange(reader: ByteReader, { version, cipherSuite }: HandshakeContext): void {
  const method = keyExchangeOf(cipherSuite);
  if (!method) {
    reader.opaque(
      reader.remaining,
      'plainsight.tls.server_key_exchange.params',
      'Parameters',
      'How to read them depends on the cipher suite, which is not known here.',
    );
    return;
  }
  READINGS[method.exchange](reader);
  if (method.signed) readSignature(reader, version);
}

const READINGS: Readonly<Record<KeyExchange, (reader: ByteReader) => void>> = {
  rsa: readTemporaryRsa,
  dh: readDhe,
  dhe: readDhe,
  ecdh: readEcdhe,
  ecdhe: readEcdhe,
  psk: readHint,
  'rsa-psk': readHint,
  'dhe-psk': (reader) => {
    readHint(reader);
    readDhe(reader);
  },
  'ecdhe-psk': (reader) => {
    readHint(reader);
    readEcdhe(reader);
  },
  srp: readSrp,
};

/** RFC 8422, 5.4. */
function readEcdhe(reader: ByteReader): void {
  const type = reader.uint(
    1,
    'tls.handshake.server_curve_type',
    'Curve type',
    (value) => ({ 1: 'explicit_prime', 2: 'explicit_char2', [NAMED_CURVE]: 'named_curve' })[value],
  );
  if (type !== NAMED_CURVE) reader.fail('Only named curves are in use (RFC 8422, 5.4).');
  reader.uint(2, 'tls.handshake.server_named_curve', 'Curve', groupName);
  const point = ['tls.handshake.server_point', 'Public key of the server'] as const;
  readOpaque(reader, 1, 'tls.handshake.server_point_len', point, PUBLIC_KEY);
}

/** RFC 5246, 7.4.3. */
function readDhe(reader: ByteReader): void {
  readOpaque(reader, 2, 'tls.handshake.p_len', ['tls.handshake.p', 'Prime p']);
  readOpaque(reader, 2, 'tls.handshake.g_len', ['tls.handshake.g', 'Generator g']);
  const key = ['tls.handshake.ys', 'Public key of the server'] as const;
  readOpaque(reader, 2, 'tls.handshake.ys_len', key, PUBLIC_KEY);
}

/** A short key for export suites, weak by law (RFC 2246, 7.4.3). */
function readTemporaryRsa(reader: ByteReader): void {
  readOpaque(reader, 2, 'tls.handshake.modulus_len', ['tls.handshake.modulus', 'Modulus']);
  readOpaque(reader, 2, 'tls.handshake.exponent_len', ['tls.handshake.exponent', 'Exponent']);
}

/** RFC 4279, 2. */
function readHint(reader: ByteReader): void {
  readOpaque(reader, 2, 'tls.handshake.hint_len', ['tls.handshake.hint', 'Identity hint']);
}

/** RFC 5054, 2.5.3. */
function readSrp(reader: ByteReader): void {
  readOpaque(reader, 2, 'plainsight.tls.srp.n_length', ['plainsight.tls.srp.n', 'Prime N']);
  readOpaque(reader, 2, 'plainsight.tls.srp.g_length', ['plainsight.tls.srp.g', 'Generator g']);
  readOpaque(reader, 1, 'plainsight.tls.srp.salt_length', ['plainsight.tls.srp.salt', 'Salt']);
  readOpaque(reader, 2, 'plainsight.tls.srp.b_length', ['plainsight.tls.srp.b', 'Public key of the server']);
}

function readSignature(reader: ByteReader, version: number | undefined): void {
  if ((version ?? TLS_1_2) >= TLS_1_2) readSignatureScheme(reader);
  readOpaque(
    reader,
    2,
    'tls.handshake.sig_len',
    ['tls.handshake.sig', 'Signature'],
    'By the key of the certificate, over both randoms and these parameters: nobody else can have chosen them.',
  );
}
