import type { ByteReader } from '../../byte-reader.ts';
import { readOpaque } from '../variable-length.ts';
import type { ExtensionPlace } from './place.ts';

const OUTER = 0;

const PAYLOAD =
  'Either the real ClientHello, sealed for the holder of a published key, or random bytes that look like one: from outside the two cannot be told apart, and are not meant to be.';

// HPKE algorithms, RFC 9180, 7.2 and 7.3.
const KDFS: Readonly<Record<number, string>> = { 1: 'HKDF-SHA256', 2: 'HKDF-SHA384', 3: 'HKDF-SHA512' };
const AEADS: Readonly<Record<number, string>> = { 1: 'AES-128-GCM', 2: 'AES-256-GCM', 3: 'ChaCha20Poly1305' };

/**
 * encrypted_client_hello (RFC 9849, 5): in the outer ClientHello the sealed inner one, or what GREASE puts in its
 * place (6.2); in the inner one a mark; from the server new configurations, or a confirmation in a HelloRetryRequest.
 */
export function readEncryptedClientHello(reader: ByteReader, place: ExtensionPlace): void {
  if (place === 'client') readClient(reader);
  else if (place === 'retry')
    reader.opaque(reader.remaining, 'plainsight.tls.ech.confirmation', 'Confirmation');
  else
    readOpaque(reader, 2, 'plainsight.tls.ech.retry_configs_length', [
      'plainsight.tls.ech.retry_configs',
      'Configurations to try again with',
    ]);
}

function readClient(reader: ByteReader): void {
  const type = reader.uint(1, 'plainsight.tls.ech.type', 'Type', (value) => ['outer', 'inner'][value]);
  if (type !== OUTER) return;
  reader.uint(2, 'plainsight.tls.ech.kdf', 'Key derivation', (value) => KDFS[value]);
  reader.uint(2, 'plainsight.tls.ech.aead', 'Cipher', (value) => AEADS[value]);
  reader.uint(1, 'plainsight.tls.ech.config_id', 'Configuration');
  readOpaque(reader, 2, 'plainsight.tls.ech.enc_length', ['plainsight.tls.ech.enc', 'Encapsulated key']);
  readOpaque(
    reader,
    2,
    'plainsight.tls.ech.payload_length',
    ['plainsight.tls.ech.payload', 'Payload'],
    PAYLOAD,
  );
}
