import type { Request, RequestHandler, Response } from 'express';
import type { Account, Accounts } from './accounts.ts';
import { refuse } from './errors.ts';
import type { Sessions } from './sessions.ts';
import type { Tokens } from './tokens.ts';

export interface Identified {
  readonly account: Account;
  /** Public name of the login session. */
  readonly session: string;
}

export interface WhoAsksParts {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
}

/** Answers with `act` to whoever shows a bearer token or a session's cookie of ours, and to everybody else with 401. */
export function forAccounts(
  { accounts, sessions, tokens }: WhoAsksParts,
  act: (who: Identified, request: Request, response: Response) => void,
): RequestHandler {
  return async (request, response) => {
    const { mobile, publicName } = request.session;
    const held = await holderOf(request, tokens);
    // Who has left meanwhile, or was shown the door by a reset, moves nothing in books that begin anew.
    if (request.socket.destroyed) return;
    if (held) sessions.noteUse(held.session, request);
    const account = accounts.find(held?.mobile ?? mobile ?? '');
    const session = held?.session ?? publicName;
    if (account && session !== undefined) {
      act({ account, session }, request, response);
      return;
    }
    response.set('WWW-Authenticate', 'Bearer');
    refuse(response, 401, 'not-logged-in', 'Log in first.');
  };
}

async function holderOf(
  request: Request,
  tokens: Tokens,
): Promise<{ mobile: string; session: string } | undefined> {
  const token = /^Bearer ([\w.-]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  return token === undefined ? undefined : tokens.holder(token);
}
