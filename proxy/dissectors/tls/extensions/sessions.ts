import type { ByteReader } from '../../byte-reader.ts';
import { readOpaque } from '../variable-length.ts';

/** session_ticket of TLS 1.2, when the client has one to go on with (RFC 5077, 3.2). */
export function readSessionTicket(reader: ByteReader): void {
  reader.opaque(
    reader.remaining,
    'tls.handshake.extension.data',
    'Session ticket',
    'From an earlier connection: only its server can read it.',
  );
}

/** renegotiation_info: empty in a first handshake (RFC 5746, 3.2). */
export function readRenegotiationInfo(reader: ByteReader): void {
  readOpaque(reader, 1, 'tls.handshake.extensions_reneg_info_len', [
    'tls.handshake.extensions_reneg_info',
    'Verify data of the handshake before',
  ]);
}
