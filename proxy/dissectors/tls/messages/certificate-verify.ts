import type { ByteReader } from '../../byte-reader.ts';
import { readSignatureScheme } from '../extensions/signatures.ts';
import type { HandshakeContext } from '../handshake-context.ts';
import { readOpaque } from '../variable-length.ts';
import { TLS_1_2 } from '../versions.ts';

/**
 * CertificateVerify: a signature over the handshake so far, by the holder of the certificate's key (RFC 8446,
 * 4.4.3; RFC 5246, 7.4.8).
 */
export function readCertificateVerify(reader: ByteReader, { version }: HandshakeContext): void {
  // Before TLS 1.2 the key alone told how to sign (RFC 4346, 7.4.8).
  if ((version ?? TLS_1_2) >= TLS_1_2) readSignatureScheme(reader);
  const name = 'tls.handshake.client_cert_vrfy.sig';
  readOpaque(
    reader,
    2,
    `${name}_len`,
    [name, 'Signature'],
    'Proof that the sender holds the private key: a copy of the certificate is something that anybody can send.',
  );
}
