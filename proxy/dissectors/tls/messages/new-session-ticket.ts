import type { ByteReader } from '../../byte-reader.ts';
import { readExtensions } from '../extensions.ts';
import type { HandshakeContext } from '../handshake-context.ts';
import { readOpaque } from '../variable-length.ts';
import { isTls13 } from '../versions.ts';

/** NewSessionTicket: what the client may come back with (RFC 8446, 4.6.1; RFC 5077, 3.3). */
export function readNewSessionTicket(reader: ByteReader, { version }: HandshakeContext): void {
  const inTls13 = isTls13(version);
  reader.uint(4, 'tls.handshake.session_ticket_lifetime_hint', 'Lifetime', (value) =>
    value === 0 && !inTls13 ? 'not said' : `${value} seconds`,
  );
  if (inTls13) {
    reader.uint(
      4,
      'tls.handshake.session_ticket_age_add',
      'Added to the age',
      'So that the age a client names tells nobody else which ticket it is.',
    );
    const nonce = ['tls.handshake.session_ticket_nonce', 'Nonce'] as const;
    readOpaque(reader, 1, 'tls.handshake.session_ticket_nonce_length', nonce);
  }
  readOpaque(
    reader,
    2,
    'tls.handshake.session_ticket_length',
    ['tls.handshake.session_ticket', 'Session ticket'],
    'As a rule sealed by the server for itself: the secret to go on with, so that it need not remember it.',
  );
  if (inTls13) readExtensions(reader, 'ticket');
}
