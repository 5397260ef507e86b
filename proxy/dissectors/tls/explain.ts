import { type ByteReader, dissectBytes } from '../byte-reader.ts';
import type { Field } from '../field.ts';
import { ALERT_DESCRIPTIONS } from './alerts.ts';
import { readHandshakeMessages } from './handshake.ts';
import { CONTENT_TYPES, versionName } from './names.ts';
import {
  ALERT,
  APPLICATION_DATA,
  CHANGE_CIPHER_SPEC,
  HANDSHAKE,
  type RecordContext,
  recordHeaderFault,
} from './record.ts';

/**
 * Explains the bytes of one TLS record, complete or as far as it came (RFC 8446, 5.1). Sealed content stays a
 * single field: without a key there is nothing to take apart. `partial`: bytes may be missing at the end.
 */
export function explainRecord(bytes: Uint8Array, context: RecordContext, partial = false): Field {
  return dissectBytes(bytes, 'tls.record', 'TLS record', (reader) => {
    const fault = headerFault(reader);
    if (fault !== undefined) reader.fail(fault);
    const type = reader.uint(1, 'tls.record.content_type', 'Content type', (value) => CONTENT_TYPES[value]);
    // Frozen for the sake of old middleboxes; says nothing about the version in use (RFC 8446, 5.1).
    reader.uint(
      2,
      'tls.record.version',
      'legacy_record_version',
      (value) => `${versionName(value)}, whatever is in use`,
    );
    const length = reader.uint(2, 'tls.record.length', 'Length', (value) =>
      value === 1 ? '1 byte follows' : `${value} bytes follow`,
    );
    const here = partial ? Math.min(length, reader.remaining) : length;
    if (context.sealed || type === APPLICATION_DATA) readSealed(reader, here);
    else if (type === HANDSHAKE) {
      reader.block(here, 'plainsight.tls.handshake_messages', 'Handshake', () =>
        readHandshake(reader, context.carriedOver),
      );
    } else if (type === ALERT) {
      reader.block(here, 'tls.alert_message', 'Alert', () => readAlert(reader));
    } else if (type === CHANGE_CIPHER_SPEC) {
      reader.opaque(
        here,
        'tls.change_cipher_spec',
        'Change Cipher Spec',
        'A relic in TLS 1.3; in TLS 1.2, what follows is encrypted.',
      );
    }
  });
}

function readSealed(reader: ByteReader, length: number): void {
  reader.opaque(length, 'tls.app_data', 'Sealed content', `${length} bytes of ciphertext and tag.`);
}

function readHandshake(reader: ByteReader, carriedOver: number): void {
  const rest = Math.min(carriedOver, reader.remaining);
  reader.opaque(
    rest,
    'tls.handshake.fragment',
    'Rest of a handshake message',
    'It began in an earlier record.',
  );
  readHandshakeMessages(reader);
}

/** RFC 8446, 6. */
function readAlert(reader: ByteReader): void {
  reader.uint(1, 'tls.alert_message.level', 'Level', (value) => ({ 1: 'warning', 2: 'fatal' })[value]);
  reader.uint(1, 'tls.alert_message.desc', 'Description', (value) => ALERT_DESCRIPTIONS[value]);
}

function headerFault(reader: ByteReader): string | undefined {
  const [type = 0, major = 0, minor = 0, high = 0, low = 0] = reader.ahead(5);
  if (reader.remaining < 5) return 'The record header has five bytes.';
  return recordHeaderFault(type, major * 256 + minor, high * 256 + low);
}
