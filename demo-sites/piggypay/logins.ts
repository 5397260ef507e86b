import type { Request, RequestHandler, Response } from 'express';
import type { Account, Accounts } from './accounts.ts';
import { refuse } from './errors.ts';
import type { FailedLogins } from './failed-logins.ts';
import { portsOf } from '../ports.ts';
import type { Sessions } from './sessions.ts';
import type { Report } from '../told.ts';
import type { Tokens } from './tokens.ts';

export interface LoginParts {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly failedLogins: FailedLogins;
  readonly report: Report;
}

/** The members of the body that a login reads, and whom they let in. */
export interface LoginForm {
  readonly secret: 'password' | 'passwordHash';
  readonly fits: (secret: string) => boolean;
  readonly hint: string;
  readonly authenticate: (mobile: string, secret: string) => Promise<Account | undefined>;
}

const LONGEST_VALUE = 256;

/** The login with the password as it was typed. It belongs inside TLS, and is hashed slowly here. */
export function plainLogin(accounts: Accounts): LoginForm {
  const hint = 'Send a mobile number and a password, as JSON.';
  return {
    ...{ secret: 'password', fits: () => true, hint },
    authenticate: (mobile, password) => accounts.authenticate(mobile, password),
  };
}

/**
 * The login with a hash that the page has made of the password. The site compares what arrives: to whoever reads
 * along the hash is worth as much as the password.
 */
export function hashedLogin(accounts: Accounts): LoginForm {
  const hint = 'Send a mobile number and a password hash (SHA-256 in lower-case hex), as JSON.';
  const fits = (hash: string): boolean => /^[0-9a-f]{64}$/.test(hash);
  return {
    ...{ secret: 'passwordHash', fits, hint },
    authenticate: (mobile, hash) => accounts.authenticateHash(mobile, hash),
  };
}

/** Answers a login with a new session and a token. What was sent is told, whether it was right or not. */
export function answerLogin({ sessions, tokens, failedLogins, report }: LoginParts, form: LoginForm) {
  const answer = async (request: Request, response: Response): Promise<void> => {
    const credentials = credentialsOf(request.body, form);
    if (!credentials) {
      refuse(response, 400, 'incomplete-login', form.hint);
      return;
    }
    const { mobile, secret } = credentials;
    const ports = portsOf(request.socket);
    report({ type: 'secret-entered', ports, kind: 'mobile', value: mobile });
    const isHash = form.secret === 'passwordHash';
    report({
      ...{ type: 'secret-entered', ports, kind: 'password', value: secret },
      ...(isHash && { isHash }),
    });

    const wait = failedLogins.secondsToWait;
    if (wait > 0) {
      response.set('Retry-After', String(wait));
      refuse(response, 429, 'too-many-attempts', `Too many failed logins. Try again in ${wait} seconds.`);
      return;
    }
    const account = await form.authenticate(mobile, secret);
    // Who has left meanwhile, or was shown the door by a reset, gets no session that nobody would know of.
    if (request.socket.destroyed) return;
    if (!account) {
      failedLogins.add();
      refuse(response, 401, 'wrong-credentials', 'This mobile number and password do not match.');
      return;
    }
    const session = await sessions.begin(request, account.mobile);
    const token = await tokens.sign({ mobile: account.mobile, session });
    response.json({ ok: true, name: account.name, token });
  };
  return answer satisfies RequestHandler;
}

function credentialsOf(body: unknown, form: LoginForm): { mobile: string; secret: string } | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { mobile, [form.secret]: secret } = body as Record<string, unknown>;
  return isValue(mobile) && isValue(secret) && form.fits(secret) ? { mobile, secret } : undefined;
}

function isValue(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= LONGEST_VALUE;
}
