import type { Field } from '#dissectors/field.ts';
import { latin1 } from '#dissectors/text.ts';
import { explainMessage } from './explain.ts';
import type { WireMessage } from './wire-message.ts';

/** Names under which forms and APIs send what a login needs. */
const MOBILE_NAMES = new Set(['mobile', 'phone', 'user', 'username', 'email', 'login']);
const PASSWORD_NAMES = new Set(['password', 'passwd', 'pass', 'pwd']);
const HASH_NAMES = new Set([
  'passwordhash',
  'password_hash',
  'hashed_password',
  'hashedpassword',
  'hashed_pwd',
]);
const TOKEN_NAMES = new Set(['token', 'access_token']);

const MAY_NAME_A_PASSWORD = /pass|pwd/i;

const LONGEST_LOGIN = 64 * 1024;
const VALUE_FIELDS =
  /^(json\.value\.(string|number)|urlencoded-form\.value|plainsight\.(http\.query_value|multipart\.value))$/;

export type NamedValue = 'mobile' | 'password' | 'hash' | 'token' | 'name';

/** A named value in a JSON or form body, or in a query. */
export function namedValue(field: Field, wanted: NamedValue): Field | undefined {
  if (VALUE_FIELDS.test(field.name) && isNamed(field.label, wanted)) return field;
  for (const child of field.children ?? []) {
    const found = namedValue(child, wanted);
    if (found) return found;
  }
  return undefined;
}

/** Whether a complete request hands over a password, or a hash in its place, where the stranger can read it. */
export function isLogin(request: WireMessage): boolean {
  const { message } = request;
  if (message.kind !== 'request' || !message.complete || message.end - message.start > LONGEST_LOGIN)
    return false;
  const hasBody = message.end - message.start > (message.http?.headLength ?? 0);
  if (!hasBody && !message.http?.target?.includes('?')) return false;
  // Explaining costs fifty times this look, and most requests are none.
  const { bytes } = request.connection.slice(message);
  if (!MAY_NAME_A_PASSWORD.test(latin1(bytes))) return false;
  const { field } = explainMessage(request);
  return (['password', 'hash'] as const).some((wanted) => namedValue(field, wanted) !== undefined);
}

function isNamed(label: string, wanted: NamedValue): boolean {
  const name = label.toLowerCase();
  if (wanted === 'mobile') return MOBILE_NAMES.has(name);
  if (wanted === 'password') return PASSWORD_NAMES.has(name);
  if (wanted === 'hash') return HASH_NAMES.has(name);
  return wanted === 'token' ? TOKEN_NAMES.has(name) : name === 'name';
}
