import { type ByteReader } from '../byte-reader.ts';
import { hex } from '../text.ts';
import { readExtensions } from './extensions.ts';
import { cipherSuiteName, versionName } from './names.ts';

/** A ServerHello with this random is a HelloRetryRequest: the SHA-256 of that name (RFC 8446, 4.1.3). */
export const HELLO_RETRY_RANDOM = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';

/** The body of a ServerHello (RFC 8446, 4.1.3; RFC 5246, 7.4.1.3). */
export function readServerHello(reader: ByteReader): void {
  reader.uint(2, 'tls.handshake.version', 'legacy_version', versionName);
  const retry = hex(reader.ahead(32)) === HELLO_RETRY_RANDOM;
  if (retry) reader.describe({ label: 'HelloRetryRequest' });
  reader.opaque(
    32,
    'tls.handshake.random',
    'Random',
    retry ? 'This value marks a HelloRetryRequest.' : downgrade(reader.ahead(32)),
  );
  const session = reader.uint(1, 'tls.handshake.session_id_length', 'Session ID length');
  reader.opaque(session, 'tls.handshake.session_id', 'legacy_session_id_echo');
  reader.uint(2, 'tls.handshake.ciphersuite', 'Cipher suite', cipherSuiteName);
  reader.uint(1, 'tls.handshake.comp_method', 'Compression method', (value) =>
    value === 0 ? 'none' : undefined,
  );
  if (reader.remaining > 0) readExtensions(reader, retry ? 'retry' : 'server');
}

/** The last eight bytes tell a TLS 1.3 client that somebody talked the server down (RFC 8446, 4.1.3). */
function downgrade(random: Uint8Array): string | undefined {
  const end = hex(random.subarray(24));
  if (end === '444f574e47524401') return 'Ends in DOWNGRD: the server speaks TLS 1.3 and was asked for 1.2.';
  if (end === '444f574e47524400')
    return 'Ends in DOWNGRD: the server speaks TLS 1.2 or later and was asked for less.';
  return undefined;
}
