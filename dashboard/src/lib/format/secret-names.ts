import type { MarkKind } from './marks.ts';

/** What a value is by the name it was given; `typed` for what is secret and no password. */
export type NamedSecret = Exclude<MarkKind, 'cookie'>;

const PASSWORD = /passw|passcode|passphrase|pwd/;
const SECRET = /secret|credential|apikey|privatekey/;
const SECRET_WORDS: ReadonlySet<string> = new Set(['pin', 'otp', 'totp', 'cvv', 'cvc', 'ssn']);
/** Who logs in; a secret only in what a client sends. */
const ACCOUNT_WORDS: ReadonlySet<string> = new Set(['mobile', 'phone', 'user', 'username', 'email', 'login']);

/**
 * What a value called so is, when it is somebody's: `new_password`, `userPwd`, `card[pin]`, `access-token`. Undefined
 * for any other name. `fromClient`: it is sent by a client, which alone says who wants to log in.
 */
export function secretCalled(name: string, fromClient: boolean): NamedSecret | undefined {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);
  const joined = words.join('');
  if (PASSWORD.test(joined) || words.includes('pass')) return 'password';
  if (SECRET.test(joined) || words.some((word) => SECRET_WORDS.has(word))) return 'typed';
  if (joined.endsWith('token')) return 'token';
  return fromClient && words.some((word) => ACCOUNT_WORDS.has(word)) ? 'mobile' : undefined;
}
