import type { ByteReader } from '../../byte-reader.ts';

/** max_fragment_length (RFC 6066, 4). */
export function readMaxFragmentLength(reader: ByteReader): void {
  reader.uint(1, 'tls.handshake.max_fragment_length', 'Longest fragment', (value) =>
    value >= 1 && value <= 4 ? `${2 ** (value + 8)} bytes` : undefined,
  );
}

/** record_size_limit (RFC 8449, 4). */
export function readRecordSizeLimit(reader: ByteReader): void {
  reader.uint(2, 'tls.record_size_limit', 'Record size limit', (value) => `${value} bytes`);
}

/** padding (RFC 7685, 3). */
export function readPadding(reader: ByteReader): void {
  reader.opaque(
    reader.remaining,
    'tls.handshake.extensions_padding_data',
    'Padding',
    'Zeros: they only make the hello longer, since some servers stumbled over certain lengths.',
  );
}

/** heartbeat (RFC 6520, 2). */
export function readHeartbeat(reader: ByteReader): void {
  reader.uint(
    1,
    'tls.handshake.extension.heartbeat.mode',
    'Mode',
    (value) => ({ 1: 'peer_allowed_to_send', 2: 'peer_not_allowed_to_send' })[value],
  );
}
