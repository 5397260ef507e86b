import type { ByteReader } from '../byte-reader.ts';
import { readExtensions } from './extensions.ts';
import { cipherSuiteName, versionName } from './names.ts';

/** The body of a ClientHello (RFC 8446, 4.1.2; RFC 5246, 7.4.1.2). */
export function readClientHello(reader: ByteReader): void {
  // Frozen at 0x0303 in TLS 1.3 for the sake of old middleboxes; the versions that count are in
  // supported_versions (RFC 8446, 4.1.2).
  reader.uint(2, 'tls.handshake.version', 'legacy_version', versionName);
  reader.opaque(32, 'tls.handshake.random', 'Random', 'Fresh for every handshake, so that no two are alike.');
  const session = reader.uint(1, 'tls.handshake.session_id_length', 'Session ID length');
  reader.opaque(session, 'tls.handshake.session_id', 'legacy_session_id');
  const suites = reader.uint(2, 'tls.handshake.cipher_suites_length', 'Cipher suites length');
  reader.block(suites, 'tls.handshake.ciphersuites', 'Cipher suites', () => {
    while (reader.remaining > 0) reader.uint(2, 'tls.handshake.ciphersuite', 'Cipher suite', cipherSuiteName);
  });
  const methods = reader.uint(1, 'tls.handshake.comp_methods_length', 'Compression methods length');
  reader.block(methods, 'tls.handshake.comp_methods', 'Compression methods', () => {
    while (reader.remaining > 0) {
      reader.uint(1, 'tls.handshake.comp_method', 'Compression method', (value) =>
        value === 0 ? 'none' : undefined,
      );
    }
  });
  // TLS 1.2 clients may leave them out altogether.
  if (reader.remaining > 0) readExtensions(reader, 'client');
}
