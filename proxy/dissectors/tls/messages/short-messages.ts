import type { ByteReader } from '../../byte-reader.ts';
import { readExtensions } from '../extensions.ts';

/** HelloRequest, ServerHelloDone and EndOfEarlyData have no body (RFC 5246, 7.4.1.1 and 7.4.5; RFC 8446, 4.5). */
export function readNothing(reader: ByteReader): void {
  reader.malformed(reader.remaining, 'This message has no body.');
}

/** RFC 8446, 4.3.1. */
export function readEncryptedExtensions(reader: ByteReader): void {
  readExtensions(reader, 'encrypted');
}

/** RFC 8446, 4.4.4; RFC 5246, 7.4.9. */
export function readFinished(reader: ByteReader): void {
  reader.opaque(
    reader.remaining,
    'tls.handshake.verify_data',
    'Verify data',
    'A checksum over the handshake so far, keyed with the secret agreed on: a change on the way shows here at the latest.',
  );
}

/** RFC 8446, 4.6.3. */
export function readKeyUpdate(reader: ByteReader): void {
  reader.uint(
    1,
    'tls.handshake.key_update.request_update',
    'Request',
    (value) => ['update_not_requested', 'update_requested'][value],
  );
}

/** Stands for the first ClientHello in what is hashed after a HelloRetryRequest; never sent (RFC 8446, 4.4.1). */
export function readMessageHash(reader: ByteReader): void {
  reader.opaque(reader.remaining, 'plainsight.tls.first_client_hello_hash', 'Hash of the first ClientHello');
}
