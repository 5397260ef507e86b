import type { DecryptedConnection } from '#keys/decrypted-connection.ts';
import { explainDecrypted } from '#keys/decrypted-dissections.ts';
import type { KeyLog } from '#keys/key-log.ts';
import { LentConnection } from '../lent-keys.ts';
import { namedValue, type NamedValue } from '../login.ts';
import type { WireConnection } from '../wire-connection.ts';
import type { LeakedLogin } from './leak-case.ts';

export interface OpenedRecords {
  readonly opened: number;
  readonly sealed: number;
  readonly login?: LeakedLogin;
}

// A login is at the beginning; what follows may be a film.
const MOST_BYTES = 2 * 1024 * 1024;

/** Tries these secrets on every encrypted record of a connection, its first two MiB. */
export function openedRecords(wire: WireConnection, secrets: KeyLog): OpenedRecords {
  const lent = new LentConnection(wire, secrets);
  let opened = 0;
  let sealed = 0;
  for (const message of lent.catchUpByRecord()) {
    const state = lent.record(message)?.reading.state;
    if (state === 'opened') opened += 1;
    if (state === 'sealed') sealed += 1;
    if (lent.taken > MOST_BYTES) break;
  }
  const login = loginIn(lent.decrypted);
  return { opened, sealed, ...(login ? { login } : {}) };
}

function loginIn(decrypted: DecryptedConnection): LeakedLogin | undefined {
  for (const message of decrypted.messages) {
    if (message.kind !== 'request' || !message.complete) continue;
    const fields = explainDecrypted(message, decrypted).map(({ field }) => field);
    const named = (wanted: NamedValue) =>
      fields.flatMap((field) => namedValue(field, wanted) ?? []).map(({ value }) => String(value ?? ''));
    const passwords = named('password');
    if (passwords.length === 0) continue;
    const { direction, start, end, title } = message;
    const { bytes } = decrypted.bytes(direction, { start, end });
    return { title, bytes, typed: [...new Set([...passwords, ...named('mobile')])] };
  }
  return undefined;
}
