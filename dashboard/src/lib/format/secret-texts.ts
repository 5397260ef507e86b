import type { ByteRange } from '#dissectors/field.ts';
import { secretCalled, type NamedSecret } from './secret-names.ts';

/** A secret in a text; positions count its characters. */
export interface SecretText extends ByteRange {
  readonly kind: NamedSecret;
  /** Decoded. */
  readonly value: string;
}

const QUERY = /[?&;]([^=&#;\s]{1,60})=([^&#;\s]+)/g;
/** A name, then a colon or an equals sign, then a value in quotes, perhaps without their end, or up to a space. */
const LOOSE =
  /([A-Za-z][\w.\-[\]]{0,40})["']?[ \t]*[:=][ \t]*(?:"((?:[^"\\]|\\.){1,400})|([^"'&\s,;<>]{1,400}))/g;
const AUTHORIZATION = /^(?:proxy-)?authorization:[ \t]*(?:[\w-]+[ \t]+)?(\S[^\r\n]*)/gim;

/** The values in a target's or an address's query whose names say that they are somebody's secrets. */
export function secretsInQuery(text: string): readonly SecretText[] {
  return [...text.matchAll(QUERY)].flatMap((match) => {
    const [all, name = '', value = ''] = match;
    const kind = secretCalled(decoded(name), true);
    const end = match.index + all.length;
    return kind ? [{ kind, start: end - value.length, end, value: decoded(value) }] : [];
  });
}

/** Passwords and the like in a text of no known form, and what an Authorization header carries. */
export function looseSecrets(text: string): readonly SecretText[] {
  const named = [...text.matchAll(LOOSE)].flatMap((match): SecretText[] => {
    const [all, name = '', quoted, bare] = match;
    const value = quoted ?? bare ?? '';
    const kind = secretCalled(name, false);
    const end = match.index + all.length;
    return kind && kind !== 'token' ? [{ kind, start: end - value.length, end, value: decoded(value) }] : [];
  });
  const credentials = [...text.matchAll(AUTHORIZATION)].map((match): SecretText => {
    const [all, value = ''] = match;
    const end = match.index + all.length;
    return { kind: 'token', start: end - value.length, end, value };
  });
  return [...named, ...credentials];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    // A percent sign that encodes nothing stays as it is.
    return text;
  }
}
