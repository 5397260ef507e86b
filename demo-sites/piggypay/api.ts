import express, { Router } from 'express';
import type { Books } from './books.ts';
import { addCookieTrials } from './cookie-flags/routes.ts';
import type { CookieTrials } from './cookie-flags/trials.ts';
import { type LoginParts, answerLogin, hashedLogin, plainLogin } from './logins.ts';
import { answerTransfer } from './transfers.ts';
import { forAccounts } from './who-asks.ts';

export interface Parts extends LoginParts {
  readonly books: Books;
  readonly cookieTrials: CookieTrials;
}

const LARGEST_BODY = 16 * 1024;

/** The API under `/api/v1`: login, balance, transfer, logout, the trials of cookies; JSON in and out. */
export function createApi(parts: Parts): Router {
  const api = Router();
  api.use(express.json({ limit: LARGEST_BODY, inflate: false }));

  api.post('/login', answerLogin(parts, plainLogin(parts.accounts)));
  api.post('/login-hashed', answerLogin(parts, hashedLogin(parts.accounts)));

  const tellBalance = forAccounts(parts, ({ account: { balance, currency } }, _request, response) => {
    response.json({ balance, currency });
  });
  api.get('/balance', tellBalance);
  api.post('/transfer', answerTransfer(parts));

  api.post('/logout', async (request, response) => {
    await parts.sessions.end(request);
    response.json({ ok: true });
  });

  addCookieTrials(api, parts.cookieTrials);
  return api;
}
