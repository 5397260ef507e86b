import type { ByteReader } from '../../byte-reader.ts';
import { readOpaque } from '../variable-length.ts';

/** early_data in a NewSessionTicket; in hellos it is empty (RFC 8446, 4.2.10). */
export function readEarlyData(reader: ByteReader): void {
  reader.uint(
    4,
    'tls.early_data.max_early_data_size',
    'Most early data',
    (value) => `Up to ${value} bytes may be sent before the next handshake is over.`,
  );
}

/** cookie (RFC 8446, 4.2.2). */
export function readCookie(reader: ByteReader): void {
  const cookie = ['tls.handshake.extensions.cookie', 'Cookie'] as const;
  readOpaque(
    reader,
    2,
    'tls.handshake.extensions.cookie_len',
    cookie,
    'Handed out in a HelloRetryRequest and sent back unchanged, so that the server need not remember.',
  );
}
