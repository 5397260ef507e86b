import type { ByteReader } from '../../byte-reader.ts';
import { readDistinguishedNames } from '../distinguished-names.ts';
import { readSignatureSchemes } from '../extensions/signatures.ts';
import { readExtensions } from '../extensions.ts';
import type { HandshakeContext } from '../handshake-context.ts';
import { readList, readOpaque } from '../variable-length.ts';
import { isTls13, TLS_1_2 } from '../versions.ts';

/** Registry: IANA "TLS ClientCertificateType Identifiers", https://www.iana.org/assignments/tls-parameters (RFC 5246, 7.4.4). */
const CERTIFICATE_TYPES: Readonly<Record<number, string>> = {
  1: 'rsa_sign',
  2: 'dss_sign',
  3: 'rsa_fixed_dh',
  4: 'dss_fixed_dh',
  5: 'rsa_ephemeral_dh',
  6: 'dss_ephemeral_dh',
  20: 'fortezza_dms',
  64: 'ecdsa_sign',
  65: 'rsa_fixed_ecdh',
  66: 'ecdsa_fixed_ecdh',
  67: 'gost_sign256',
  68: 'gost_sign512',
};

/** CertificateRequest: the server wants to know who the client is (RFC 8446, 4.3.2; RFC 5246, 7.4.4). */
export function readCertificateRequest(reader: ByteReader, { version }: HandshakeContext): void {
  if (isTls13(version)) {
    readRequestContext(reader);
    readExtensions(reader, 'request');
    return;
  }
  readList(
    reader,
    1,
    'tls.handshake.cert_types_count',
    ['tls.handshake.cert_types', 'Certificate types'],
    () => reader.uint(1, 'tls.handshake.cert_type', 'Certificate type', (value) => CERTIFICATE_TYPES[value]),
  );
  // Before TLS 1.2 the hash was the same for all (RFC 4346, 7.4.4).
  if ((version ?? TLS_1_2) >= TLS_1_2) readSignatureSchemes(reader);
  readDistinguishedNames(reader);
}

/** certificate_request_context: empty during the handshake; ties a later answer to its request (RFC 8446, 4.4.2). */
export function readRequestContext(reader: ByteReader): void {
  const name = 'tls.handshake.certificate_request_context';
  readOpaque(reader, 1, `${name}_length`, [name, 'Request context']);
}
