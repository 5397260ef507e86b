import { ALERT_DESCRIPTIONS } from '#dissectors/tls/alerts.ts';
import { CONTENT_TYPES, handshakeName } from '#dissectors/tls/names.ts';
import { ALERT, HANDSHAKE } from '#dissectors/tls/record.ts';
import type { DecryptedConnection, DecryptedRecord } from '#keys/decrypted-connection.ts';
import type { Opened, SealedWhy } from '#keys/reading.ts';

/**
 * What a lent key makes of a sealed record: what was inside, or why it stays sealed. Never was on the wire, and
 * never reaches what the stranger is shown.
 */
export type LentRecord =
  | {
      readonly state: 'opened';
      /** `POST /api/v1/login`, `EncryptedExtensions, Certificate, Finished`, `Alert: close_notify` … */
      readonly title: string;
      readonly detail?: string;
    }
  | {
      readonly state: 'sealed';
      readonly why: SealedWhy;
      /** One sentence. */
      readonly reason: string;
    };

// A record can hold a hundred small frames; nobody reads a list of them in a row.
const MOST_NAMED = 3;

/** In words; undefined for a record that never was sealed. */
export function lentRecord(record: DecryptedRecord, connection: DecryptedConnection): LentRecord | undefined {
  const { reading } = record;
  if (reading.state === 'clear') return undefined;
  if (reading.state === 'sealed') return { state: 'sealed', why: reading.why, reason: reading.reason };
  if (record.data) return { state: 'opened', title: dataTitle(record, connection) };
  const { contentType, content } = reading;
  if (contentType === HANDSHAKE) return { state: 'opened', ...handshakeTitle(reading) };
  const kind = CONTENT_TYPES[contentType] ?? `content type ${contentType}`;
  const alert = contentType === ALERT ? ALERT_DESCRIPTIONS[content[1] ?? -1] : undefined;
  return { state: 'opened', title: alert === undefined ? kind : `${kind}: ${alert}` };
}

function dataTitle({ data, direction }: DecryptedRecord, connection: DecryptedConnection): string {
  const messages = data ? connection.messagesIn(direction, data) : [];
  if (!data || messages.length === 0) return 'Application Data without content';
  return listed(messages.map(({ title, start }) => (start < data.start ? `${title}, continued` : title)));
}

function handshakeTitle({ handshake }: Opened): { readonly title: string; readonly detail?: string } {
  if (handshake.length === 0) return { title: 'Part of a handshake message' };
  const title = handshake.map(({ bytes }) => handshakeName(bytes[0] ?? 0)).join(', ');
  const check = handshake.find(({ finished }) => finished !== undefined)?.finished;
  if (check === 'verified') return { title, detail: 'Finished verified' };
  return check === 'wrong' ? { title, detail: 'Finished does not verify' } : { title };
}

function listed(titles: readonly string[]): string {
  const named = titles.slice(0, MOST_NAMED).join(', ');
  const more = titles.length - MOST_NAMED;
  return more > 0 ? `${named} and ${more} more` : named;
}
