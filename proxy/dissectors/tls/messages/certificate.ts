import type { ByteReader } from '../../byte-reader.ts';
import { readCertificate } from '../../x509/certificate.ts';
import { compressionName } from '../extensions/certificates.ts';
import { readExtensions } from '../extensions.ts';
import type { HandshakeContext } from '../handshake-context.ts';
import { readList, readOpaque } from '../variable-length.ts';
import { isTls13 } from '../versions.ts';
import { readRequestContext } from './certificate-request.ts';

/**
 * Certificate: the sender's own first, then those that vouch for it. TLS 1.3 puts a context in front and
 * extensions behind each (RFC 8446, 4.4.2; RFC 5246, 7.4.2).
 */
export function readCertificateMessage(reader: ByteReader, { version, from }: HandshakeContext): void {
  const inTls13 = isTls13(version);
  if (inTls13) readRequestContext(reader);
  const list = ['tls.handshake.certificates', 'Certificates'] as const;
  readList(reader, 3, 'tls.handshake.certificates_length', list, (index) => {
    const owner = from === 'client-to-server' ? 'the client' : 'the site';
    const label = index === 0 ? `Certificate of ${owner}` : `Certificate ${index + 1}, of an issuer`;
    reader.group('plainsight.tls.certificate_entry', label, () => {
      const length = reader.uint(3, 'tls.handshake.certificate_length', 'Certificate length');
      readCertificate(reader, length);
      if (inTls13) readExtensions(reader, 'certificate');
    });
  });
}

/** CompressedCertificate: a Certificate message of TLS 1.3 in less room (RFC 8879, 4). */
export function readCompressedCertificate(reader: ByteReader): void {
  reader.uint(2, 'tls.compress_certificate.algorithm', 'Algorithm', compressionName);
  reader.uint(3, 'tls.compress_certificate.uncompressed_length', 'Uncompressed length');
  const message = 'tls.compress_certificate.compressed_certificate_message';
  readOpaque(reader, 3, `${message}.length`, [message, 'Compressed Certificate message']);
}
