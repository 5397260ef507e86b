import type { ByteReader } from '../../byte-reader.ts';
import { readList, readOpaque } from '../variable-length.ts';
import type { ExtensionPlace } from './place.ts';

/** pre_shared_key: what the client could go on with, or which of it the server took (RFC 8446, 4.2.11). */
export function readPreSharedKey(reader: ByteReader, place: ExtensionPlace): void {
  if (place !== 'client') {
    reader.uint(
      2,
      'tls.handshake.extensions.psk.identity.selected',
      'Selected identity',
      (value) => `The server goes on with number ${value + 1} of those offered.`,
    );
    return;
  }
  const identities = ['plainsight.tls.psk_identities', 'Identities'] as const;
  readList(reader, 2, 'tls.handshake.extensions.psk.identities.length', identities, () =>
    reader.group('plainsight.tls.psk_identity', 'Identity', () => readIdentity(reader)),
  );
  const binders = ['tls.handshake.extensions.psk.binders', 'Binders'] as const;
  readList(reader, 2, 'tls.handshake.extensions.psk.binders_len', binders, () =>
    readOpaque(
      reader,
      1,
      'plainsight.tls.psk_binder_length',
      ['plainsight.tls.psk_binder', 'Binder'],
      'Proves that the client knows the secret behind the identity, and ties it to this very hello.',
    ),
  );
}

function readIdentity(reader: ByteReader): void {
  const identity = ['tls.handshake.extensions.psk.identity.identity', 'Identity'] as const;
  readOpaque(
    reader,
    2,
    'tls.handshake.extensions.psk.identity.identity_length',
    identity,
    'As a rule a ticket from an earlier connection: only its server can read it, but seen twice it links the two.',
  );
  reader.uint(
    4,
    'tls.handshake.extensions.psk.identity.obfuscated_ticket_age',
    'Obfuscated ticket age',
    'Milliseconds since the ticket came, plus a number that only the two ends know.',
  );
}
