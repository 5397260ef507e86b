import { type ByteReader, dissectBytes } from '../byte-reader.ts';
import type { Field } from '../field.ts';
import type { Direction } from '../message.ts';
import { readCertificate } from '../x509/certificate.ts';
import { CIPHER_SUITES } from './cipher-suites.ts';
import { versionName } from './names.ts';

/** A length of 15 bits behind a bit that is set. */
export const SSL2_HEADER = 2;

const CLIENT_HELLO = 1;
const SERVER_HELLO = 4;
// Looked at to tell a hello: the header, the type, and the version, which in a server's comes two bytes later.
const LONGEST_LOOK = 7;

/** The cipher kinds of SSL 2.0 proper (RFC 6101, E); three bytes whose first is 0 are suites of SSL 3.0 or TLS. */
const CIPHER_KINDS: Readonly<Record<number, string>> = {
  0x010080: 'SSL2_RC4_128_WITH_MD5',
  0x020080: 'SSL2_RC4_128_EXPORT40_WITH_MD5',
  0x030080: 'SSL2_RC2_128_CBC_WITH_MD5',
  0x040080: 'SSL2_RC2_128_CBC_EXPORT40_WITH_MD5',
  0x050080: 'SSL2_IDEA_128_CBC_WITH_MD5',
  0x060040: 'SSL2_DES_64_CBC_WITH_MD5',
  0x0700c0: 'SSL2_DES_192_EDE3_CBC_WITH_MD5',
};

/** The bytes cannot be the beginning of a TLS record, whose first is a content type below 128. */
export function isSsl2Header(bytes: { readonly [index: number]: number }): boolean {
  return (bytes[0] ?? 0) >= 0x80;
}

/** Whether a direction begins with an SSL 2.0 hello: of a client, maybe for the sake of old servers only, or of a server. */
export function identifySsl2(bytes: Uint8Array): 'tls' | 'unknown' | 'need-more' {
  const [first = 0, , type, ...rest] = bytes.subarray(0, LONGEST_LOOK);
  if (first < 0x80) return 'unknown';
  if (type === undefined) return 'need-more';
  if (type !== CLIENT_HELLO && type !== SERVER_HELLO) return 'unknown';
  const [major, minor] = type === CLIENT_HELLO ? rest : rest.slice(2);
  if (major === undefined) return 'need-more';
  if (major !== 0 && major !== 3) return 'unknown';
  if (minor === undefined) return 'need-more';
  return (major === 0 ? minor === 2 : minor <= 4) ? 'tls' : 'unknown';
}

export function ssl2Title(direction: Direction): string {
  return direction === 'client-to-server' ? 'SSL 2.0 ClientHello' : 'SSL 2.0 ServerHello';
}

/** Explains an SSL 2.0 hello in its record (RFC 5246, E.2; Hickman, The SSL Protocol, 1995). */
export function explainSsl2Hello(bytes: Uint8Array, partial = false): Field {
  return dissectBytes(bytes, 'tls.record', 'SSL 2.0 record', (reader) => {
    const length = reader.uint(
      2,
      'tls.record.length',
      'Length',
      (value) => `${value & 0x7fff} bytes follow; the first bit says that the header has two bytes`,
    );
    const size = length & 0x7fff;
    const type = reader.peek();
    reader.block(
      partial ? Math.min(size, reader.remaining) : size,
      'tls.handshake',
      helloName(type) ?? 'Message',
      () => {
        reader.uint(1, 'tls.handshake.type', 'Message type', helloName);
        if (type === CLIENT_HELLO) readClientHello(reader);
        else if (type === SERVER_HELLO) readServerHello(reader);
      },
    );
  });
}

function helloName(type: number | undefined): string | undefined {
  if (type === CLIENT_HELLO) return 'ClientHello';
  return type === SERVER_HELLO ? 'ServerHello' : undefined;
}

function readClientHello(reader: ByteReader): void {
  reader.uint(
    2,
    'tls.handshake.version',
    'Version',
    (value) => `${versionName(value)}, the highest that the client speaks`,
  );
  const specs = reader.uint(2, 'tls.handshake.cipher_spec_len', 'Cipher specs length');
  const session = reader.uint(2, 'tls.handshake.session_id_length', 'Session ID length');
  const challenge = reader.uint(2, 'tls.handshake.challenge_length', 'Challenge length');
  readCipherSpecs(reader, specs);
  reader.opaque(session, 'tls.handshake.session_id', 'Session ID');
  reader.opaque(
    challenge,
    'tls.handshake.challenge',
    'Challenge',
    'Takes the place of the random of later versions.',
  );
}

function readServerHello(reader: ByteReader): void {
  reader.uint(1, 'tls.handshake.session_id_hit', 'Session ID hit', (value) => (value === 0 ? 'no' : 'yes'));
  reader.uint(1, 'tls.handshake.cert_type', 'Certificate type', (value) =>
    value === 1 ? 'X.509' : undefined,
  );
  reader.uint(2, 'tls.handshake.version', 'Version', versionName);
  const certificate = reader.uint(2, 'tls.handshake.certificate_length', 'Certificate length');
  const specs = reader.uint(2, 'tls.handshake.cipher_spec_len', 'Cipher specs length');
  const connection = reader.uint(2, 'plainsight.tls.connection_id_length', 'Connection ID length');
  readCertificate(reader, certificate);
  readCipherSpecs(reader, specs);
  reader.opaque(connection, 'plainsight.tls.connection_id', 'Connection ID');
}

function readCipherSpecs(reader: ByteReader, length: number): void {
  reader.block(length, 'plainsight.tls.cipher_specs', 'Cipher specs', () => {
    while (reader.remaining > 0)
      reader.uint(
        3,
        'tls.handshake.cipherspec',
        'Cipher spec',
        (value) => CIPHER_KINDS[value] ?? CIPHER_SUITES[value],
      );
  });
}
