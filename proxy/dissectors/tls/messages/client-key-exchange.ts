import type { ByteReader } from '../../byte-reader.ts';
import type { HandshakeContext } from '../handshake-context.ts';
import { type KeyExchange, keyExchangeOf } from '../key-exchange.ts';
import { readOpaque } from '../variable-length.ts';
import { SSL_3 } from '../versions.ts';

const PUBLIC_KEY =
  'In clear, like a key share of TLS 1.3: as a rule made for this connection and then forgotten.';

const PRE_MASTER =
  '48 bytes from the client, encrypted with the server’s RSA key: whoever gets its private key can open every recorded connection of this kind.';

/** ClientKeyExchange, which only TLS 1.2 and older have: what it holds depends on the suite (RFC 5246, 7.4.7). */
export function readClientKeyExchange(reader: ByteReader, { version, cipherSuite }: HandshakeContext): void {
  const method = keyExchangeOf(cipherSuite);
  if (method) READINGS[method.exchange](reader, version);
  else {
    reader.opaque(
      reader.remaining,
      'plainsight.tls.client_key_exchange.params',
      'Parameters',
      'How to read them depends on the cipher suite, which is not known here.',
    );
  }
}

type Reading = (reader: ByteReader, version: number | undefined) => void;

const READINGS: Readonly<Record<KeyExchange, Reading>> = {
  rsa: readPreMaster,
  dh: readDhe,
  dhe: readDhe,
  ecdh: readEcdhe,
  ecdhe: readEcdhe,
  psk: readIdentity,
  'dhe-psk': (reader) => {
    readIdentity(reader);
    readDhe(reader);
  },
  'ecdhe-psk': (reader) => {
    readIdentity(reader);
    readEcdhe(reader);
  },
  'rsa-psk': (reader, version) => {
    readIdentity(reader);
    readPreMaster(reader, version);
  },
  srp: readSrp,
};

/** RFC 5246, 7.4.7.1. */
function readPreMaster(reader: ByteReader, version: number | undefined): void {
  const field = ['tls.handshake.epms', 'Encrypted pre-master secret'] as const;
  // SSL 3.0 had forgotten the length (RFC 5246, 7.4.7.1).
  if (version === SSL_3) reader.opaque(reader.remaining, ...field, PRE_MASTER);
  else readOpaque(reader, 2, 'tls.handshake.epms_len', field, PRE_MASTER);
}

/** RFC 5246, 7.4.7.2; empty when the client's certificate holds the key. */
function readDhe(reader: ByteReader): void {
  if (reader.remaining === 0) return;
  const field = ['tls.handshake.yc', 'Public key of the client'] as const;
  readOpaque(reader, 2, 'tls.handshake.yc_len', field, PUBLIC_KEY);
}

/** RFC 8422, 5.7. */
function readEcdhe(reader: ByteReader): void {
  if (reader.remaining === 0) return;
  const field = ['tls.handshake.client_point', 'Public key of the client'] as const;
  readOpaque(reader, 1, 'tls.handshake.client_point_len', field, PUBLIC_KEY);
}

/** RFC 4279, 2. */
function readIdentity(reader: ByteReader): void {
  const size = reader.uint(2, 'tls.handshake.identity_len', 'Identity length');
  reader.text(size, 'tls.handshake.identity', 'Identity', 'Which shared key is meant: in clear.');
}

/** RFC 5054, 2.5.4. */
function readSrp(reader: ByteReader): void {
  readOpaque(reader, 2, 'plainsight.tls.srp.a_length', ['plainsight.tls.srp.a', 'Public key of the client']);
}
