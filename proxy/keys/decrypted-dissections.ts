import { type ByteReader, dissectBytes } from '#dissectors/byte-reader.ts';
import type { Dissection, Field } from '#dissectors/field.ts';
import { explainContent } from '#dissectors/http1/content.ts';
import { explainHttp } from '#dissectors/http1/explain.ts';
import type { Message } from '#dissectors/message.ts';
import { ALERT_DESCRIPTIONS } from '#dissectors/tls/alerts.ts';
import { explainHandshake, readHandshakeMessages } from '#dissectors/tls/handshake.ts';
import { CONTENT_TYPES, handshakeName } from '#dissectors/tls/names.ts';
import { ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE } from '#dissectors/tls/record.ts';
import { explainFrame, explainUnmasked } from '#dissectors/websocket/explain.ts';
import { frameOf } from '#dissectors/websocket/frame-message.ts';
import type { DecryptedConnection, DecryptedRecord } from './decrypted-connection.ts';
import type { FinishedCheck } from './finished.ts';
import type { Opened } from './reading.ts';

const TLS_1_3 = 0x0304;

// Nobody reads a tree of more, and the copy would be as large as the body.
const LONGEST_EXPLAINED = 1024 * 1024;

/**
 * All that a lent key shows of one sealed record: what was inside it, the handshake messages it completes, and
 * each message of the decrypted data that has bytes in it. Nothing for a record that was never sealed or stays
 * so; `record.reading` says which.
 */
export function decryptedDissections(
  record: DecryptedRecord,
  connection: DecryptedConnection,
): readonly Dissection[] {
  if (record.reading.state !== 'opened') return [];
  const { data, direction } = record;
  const messages = data ? connection.messagesIn(direction, data) : [];
  const all = [
    explainInside(record, record.reading),
    ...completedHandshake(record, record.reading),
    ...messages.flatMap((message) => explainDecrypted(message, connection)),
  ];
  // Whatever was put together or decoded afterwards, without the key there would be none of it.
  return all.map((dissection) => ({ ...dissection, source: 'decrypted' }));
}

/** What was inside one record, down to its content type and padding. */
export function explainInside({ context }: DecryptedRecord, reading: Opened): Dissection {
  const { plaintext, content, contentType, carriedOver, version } = reading;
  const kind = CONTENT_TYPES[contentType] ?? `content type ${contentType}`;
  const field = dissectBytes(plaintext, 'plainsight.tls.plaintext', `Decrypted: ${kind}`, (reader) => {
    readContent(reader, content.length, contentType, () => {
      const rest = Math.min(carriedOver, reader.remaining);
      if (rest > 0)
        reader.opaque(
          rest,
          'tls.handshake.fragment',
          'Rest of a handshake message',
          'It began in an earlier record.',
        );
      readHandshakeMessages(reader, context);
    });
    if (version !== TLS_1_3) return;
    if (reader.remaining > 0)
      reader.uint(1, 'tls.record.content_type', 'Content type', (value) => CONTENT_TYPES[value]);
    if (reader.remaining > 0)
      reader.opaque(
        reader.remaining,
        'plainsight.tls.padding',
        'Padding',
        'Zeros that hide how long the content is.',
      );
  });
  const own = reading.handshake.find(({ records, finished }) => records === 1 && finished !== undefined);
  const checked = withCheck(field, own?.finished);
  return { source: 'decrypted', title: `${kind}, decrypted`, bytes: plaintext, field: checked };
}

/** The handshake messages that end in this record and began in an earlier one. */
export function completedHandshake({ context }: DecryptedRecord, reading: Opened): readonly Dissection[] {
  return reading.handshake
    .filter(({ records }) => records > 1)
    .map(({ bytes, records, finished }) => ({
      source: 'decrypted',
      title: `${handshakeName(bytes[0] ?? 0)}, from ${records} records`,
      bytes,
      field: withCheck(explainHandshake(bytes, context), finished),
    }));
}

const CHECKS: Readonly<Record<FinishedCheck, string>> = {
  verified: 'Finished verified: it follows from the secret and every handshake message before it.',
  wrong: 'Does not follow from the handshake messages in this capture: they were altered, or are not all.',
  unchecked: 'Not checked: part of the handshake is not in the capture.',
};

/** The same tree, where a Finished says whether it was found to be right. */
function withCheck(field: Field, check: FinishedCheck | undefined): Field {
  if (check === undefined) return field;
  if (field.name === 'tls.handshake.verify_data') return { ...field, meaning: CHECKS[check] };
  if (!field.children) return field;
  return { ...field, children: field.children.map((child) => withCheck(child, check)) };
}

/** A message of the decrypted data, its first MiB at most, and what it holds in other bytes. */
export function explainDecrypted(message: Message, connection: DecryptedConnection): readonly Dissection[] {
  const { start, title } = message;
  const end = Math.min(message.end, start + LONGEST_EXPLAINED);
  const { bytes, records } = connection.bytes(message.direction, { start, end });
  const partial = !message.complete || start + bytes.length < message.end;
  const from = records > 1 ? `${title}, from ${records} records` : title;
  return [
    { source: 'decrypted', title: from, bytes, field: explainMessage(message, bytes, partial) },
    ...explainDecoded(message, bytes, partial),
  ];
}

/** What it holds once its transfer or content coding, or its masking, is undone. */
function explainDecoded(message: Message, bytes: Uint8Array, partial: boolean): readonly Dissection[] {
  if (message.protocol === 'http1') return explainContent(bytes, partial);
  const payload = message.protocol === 'websocket' ? explainUnmasked(bytes, frameOf(message)) : undefined;
  return payload ? [payload] : [];
}

function explainMessage(message: Message, bytes: Uint8Array, partial: boolean): Field {
  if (message.protocol === 'http1')
    return explainHttp(bytes, message.kind === 'response' ? 'response' : 'request', partial);
  if (message.protocol === 'websocket') return explainFrame(bytes, frameOf(message), partial);
  return dissectBytes(bytes, 'data', 'Bytes', (reader) =>
    reader.describe({ meaning: message.detail ?? 'Bytes of no known kind.' }),
  );
}

function readContent(reader: ByteReader, length: number, type: number, readMessages: () => void): void {
  if (type === HANDSHAKE)
    reader.block(length, 'plainsight.tls.handshake_messages', 'Handshake', readMessages);
  else if (type === ALERT) reader.block(length, 'tls.alert_message', 'Alert', () => readAlert(reader));
  else if (type === APPLICATION_DATA)
    reader.opaque(
      length,
      'tls.app_data',
      'Application data',
      `${length} bytes of what the ends say to each other.`,
    );
  else if (type === CHANGE_CIPHER_SPEC)
    reader.opaque(
      length,
      'tls.change_cipher_spec',
      'Change Cipher Spec',
      'What follows is encrypted with new keys.',
    );
  else reader.opaque(length, 'plainsight.tls.content', 'Content');
}

/** RFC 8446, 6. */
function readAlert(reader: ByteReader): void {
  reader.uint(1, 'tls.alert_message.level', 'Level', (value) => ({ 1: 'warning', 2: 'fatal' })[value]);
  reader.uint(1, 'tls.alert_message.desc', 'Description', (value) => ALERT_DESCRIPTIONS[value]);
}
