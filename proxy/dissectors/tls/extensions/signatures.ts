import type { ByteReader } from '../../byte-reader.ts';
import { signatureSchemeName } from '../names.ts';
import { readList, readOpaque } from '../variable-length.ts';
import type { ExtensionPlace } from './place.ts';

/** signature_algorithms and signature_algorithms_cert (RFC 8446, 4.2.3). */
export function readSignatureSchemes(reader: ByteReader): void {
  const list = ['tls.handshake.sig_hash_algs', 'Signature schemes'] as const;
  readList(reader, 2, 'tls.handshake.sig_hash_alg_len', list, () => readSignatureScheme(reader));
}

export function readSignatureScheme(reader: ByteReader): void {
  reader.uint(2, 'tls.handshake.sig_hash_alg', 'Signature scheme', signatureSchemeName);
}

/** delegated_credential: the schemes a client takes, or the credential beside a certificate (RFC 9345, 4). */
export function readDelegatedCredential(reader: ByteReader, place: ExtensionPlace): void {
  if (place !== 'certificate') {
    readSignatureSchemes(reader);
    return;
  }
  reader.uint(4, 'tls.handshake.cred.valid_time', 'Valid time', (value) => `${value} seconds from notBefore`);
  readSignatureScheme(reader);
  readOpaque(reader, 3, 'tls.handshake.cred.pubkey_len', ['tls.handshake.cred.pubkey', 'Public key']);
  readSignatureScheme(reader);
  readOpaque(reader, 2, 'tls.handshake.cred.signature_len', ['tls.handshake.cred.signature', 'Signature']);
}
