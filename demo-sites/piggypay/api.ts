import express, { type Request, Router } from 'express';
import type { Accounts } from './accounts.ts';
import { refuse } from './errors.ts';
import type { FailedLogins } from './failed-logins.ts';
import type { Sessions } from './sessions.ts';
import type { Report } from '../told.ts';
import type { Tokens } from './tokens.ts';

export interface Parts {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly failedLogins: FailedLogins;
  readonly report: Report;
}

const LARGEST_BODY = 16 * 1024;
const LONGEST_VALUE = 256;

/** The API under `/api/v1`: login, balance, logout; JSON in and out. */
export function createApi({ accounts, sessions, tokens, failedLogins, report }: Parts): Router {
  const api = Router();
  api.use(express.json({ limit: LARGEST_BODY, inflate: false }));

  api.post('/login', async (request, response) => {
    const credentials = credentialsOf(request.body);
    if (!credentials) {
      const message = 'Send a mobile number and a password, as JSON.';
      refuse(response, 400, 'incomplete-login', message);
      return;
    }
    const remotePort = request.socket.remotePort ?? 0;
    report({ type: 'secret-entered', remotePort, kind: 'mobile', value: credentials.mobile });
    report({ type: 'secret-entered', remotePort, kind: 'password', value: credentials.password });

    const wait = failedLogins.secondsToWait;
    if (wait > 0) {
      response.set('Retry-After', String(wait));
      refuse(response, 429, 'too-many-attempts', `Too many failed logins. Try again in ${wait} seconds.`);
      return;
    }
    const account = await accounts.authenticate(credentials.mobile, credentials.password);
    if (!account) {
      failedLogins.add();
      refuse(response, 401, 'wrong-credentials', 'This mobile number and password do not match.');
      return;
    }
    await sessions.begin(request, account.mobile);
    response.json({ ok: true, name: account.name, token: await tokens.sign(account.mobile) });
  });

  api.get('/balance', async (request, response) => {
    const mobile = (await bearerOf(request, tokens)) ?? request.session.mobile;
    const account = mobile === undefined ? undefined : accounts.find(mobile);
    if (!account) {
      response.set('WWW-Authenticate', 'Bearer');
      refuse(response, 401, 'not-logged-in', 'Log in first.');
      return;
    }
    response.json({ balance: account.balance, currency: account.currency });
  });

  api.post('/logout', async (request, response) => {
    await sessions.end(request);
    response.json({ ok: true });
  });

  return api;
}

function credentialsOf(body: unknown): { mobile: string; password: string } | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { mobile, password } = body as Record<string, unknown>;
  return isValue(mobile) && isValue(password) ? { mobile, password } : undefined;
}

function isValue(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= LONGEST_VALUE;
}

async function bearerOf(request: Request, tokens: Tokens): Promise<string | undefined> {
  const token = /^Bearer ([\w.-]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  return token === undefined ? undefined : tokens.subject(token);
}
