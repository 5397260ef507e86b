import { type ByteReader, dissectBytes } from '../byte-reader.ts';
import type { Field } from '../field.ts';
import { ALERT_DESCRIPTIONS } from './alerts.ts';
import { readHandshakeMessages } from './handshake.ts';
import { readSealed } from './sealed.ts';
import { CONTENT_TYPES, versionName } from './names.ts';
import {
  ALERT,
  APPLICATION_DATA,
  CHANGE_CIPHER_SPEC,
  HANDSHAKE,
  type RecordContext,
  recordHeaderFault,
} from './record.ts';
import { explainSsl2Hello, isSsl2Header } from './ssl2.ts';
import { isTls13 } from './versions.ts';

/**
 * Explains the bytes of one TLS record, complete or as far as it came (RFC 8446, 5.1). Sealed content stays a
 * single field: without a key there is nothing to take apart. `partial`: bytes may be missing at the end.
 */
export function explainRecord(bytes: Uint8Array, context: RecordContext, partial = false): Field {
  if (isSsl2Header(bytes)) return explainSsl2Hello(bytes, partial);
  return dissectBytes(bytes, 'tls.record', 'TLS record', (reader) => {
    const fault = headerFault(reader);
    if (fault !== undefined) reader.fail(fault);
    const type = readType(reader, context);
    reader.uint(2, 'tls.record.version', versionLabel(context), (value) =>
      context.version === value
        ? versionName(value)
        : `${versionName(value)}; the hellos settle what is in use`,
    );
    const length = reader.uint(2, 'tls.record.length', 'Length', (value) =>
      value === 1 ? '1 byte follows' : `${value} bytes follow`,
    );
    const here = partial ? Math.min(length, reader.remaining) : length;
    if (context.sealed || type === APPLICATION_DATA) readSealed(reader, type, here, context);
    else if (type === HANDSHAKE) {
      reader.block(here, 'plainsight.tls.handshake_messages', 'Handshake', () =>
        readHandshake(reader, context),
      );
    } else if (type === ALERT) {
      reader.block(here, 'tls.alert_message', 'Alert', () => readAlerts(reader));
    } else if (type === CHANGE_CIPHER_SPEC) {
      reader.opaque(
        here,
        'tls.change_cipher_spec',
        'Change Cipher Spec',
        changeCipherMeaning(context.version),
      );
    }
  });
}

/**
 * Up to TLS 1.2 it follows the version in use (RFC 5246, 6.2.1); since then it is frozen for the sake of old
 * middleboxes, and called so (RFC 8446, 5.1). Before the hellos have settled which it is, neither is claimed.
 */
function versionLabel({ version }: RecordContext): string {
  return isTls13(version) ? 'legacy_record_version' : 'version';
}

/** In TLS 1.3 a sealed record shows one type, whatever it holds; the real one is sealed with the rest (RFC 8446, 5.2). */
function readType(reader: ByteReader, { version }: RecordContext): number {
  if (isTls13(version) && reader.peek() === APPLICATION_DATA)
    return reader.uint(1, 'tls.record.opaque_type', 'Opaque type', 'Application Data, whatever is inside');
  return reader.uint(1, 'tls.record.content_type', 'Content type', (value) => CONTENT_TYPES[value]);
}

function readHandshake(reader: ByteReader, context: RecordContext): void {
  const rest = Math.min(context.carriedOver, reader.remaining);
  reader.opaque(
    rest,
    'tls.handshake.fragment',
    'Rest of a handshake message',
    'It began in an earlier record.',
  );
  readHandshakeMessages(reader, { from: 'server-to-client', ...context });
}

/** One in TLS 1.3; before it, several could share a record (RFC 8446, 5.1 and 6). */
function readAlerts(reader: ByteReader): void {
  do {
    reader.uint(1, 'tls.alert_message.level', 'Level', (value) => ({ 1: 'warning', 2: 'fatal' })[value]);
    reader.uint(1, 'tls.alert_message.desc', 'Description', (value) => ALERT_DESCRIPTIONS[value]);
  } while (reader.remaining > 0);
}

/** RFC 5246, 7.1; RFC 8446, D.4. */
function changeCipherMeaning(version: number | undefined): string {
  if (isTls13(version))
    return 'Means nothing in TLS 1.3, whose keys change without it: it is sent so that old middleboxes take this for a resumed TLS 1.2 connection and let it pass.';
  if (version !== undefined) return 'From here on, this side encrypts with the keys just agreed on.';
  return 'In TLS 1.2, what this side sends from here on is encrypted; in TLS 1.3 it means nothing and is sent for the sake of old middleboxes.';
}

function headerFault(reader: ByteReader): string | undefined {
  const [type = 0, major = 0, minor = 0, high = 0, low = 0] = reader.ahead(5);
  if (reader.remaining < 5) return 'The record header has five bytes.';
  return recordHeaderFault(type, major * 256 + minor, high * 256 + low);
}
