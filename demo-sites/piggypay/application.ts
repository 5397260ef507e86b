import express, { type Express, type Response } from 'express';
import helmet from 'helmet';
import { type Parts, createApi } from './api.ts';
import { createCookiePages } from './cookie-flags/routes.ts';
import { answerError, notFound, refuse } from './errors.ts';
import { accountPage } from './pages/account-page.ts';
import { hashingLoginPage, loginPage } from './pages/login-page.ts';
import { publicPage } from './pages/public-page.ts';
import { PUBLIC_PAGES } from './pages/public-pages.ts';
import { sendPage } from './pages/send-page.ts';
import type { Padding } from './padding.ts';
import type { RequestCount } from './request-count.ts';
import { CHAT_PATH } from './support/chat.ts';

/** PiggyPay's one application. It never asks whether it is spoken to over TLS: the S is the only difference. */
export function createApplication(
  parts: Parts & { readonly requestCount: RequestCount; readonly padding: Padding },
): Express {
  const application = express();
  application.disable('x-powered-by');
  application.disable('etag');
  application.use(parts.requestCount.middleware, securityHeaders(), neverStored, parts.sessions.middleware);

  const send = (response: Response, page: (nonce: string) => string): void => {
    sendPage(response, (nonce) => parts.padding.fill(page(nonce)));
  };
  application.get(['/', '/login'], (_request, response) => send(response, loginPage));
  application.get('/hashed', (_request, response) => send(response, hashingLoginPage));
  for (const shown of PUBLIC_PAGES) {
    application.get(shown.path, (_request, response) => send(response, (nonce) => publicPage(nonce, shown)));
  }
  application.get('/account', (request, response) => {
    const { mobile, publicName } = request.session;
    const account = mobile === undefined ? undefined : parts.accounts.find(mobile);
    if (!account || publicName === undefined) {
      response.redirect(303, '/');
      return;
    }
    const transfers = parts.books.transfers().filter(({ from }) => from === account.name);
    const session = { name: publicName, clients: parts.books.clientsOf(publicName) };
    send(response, (nonce) => accountPage(nonce, { account, transfers, session }));
  });
  application.get(CHAT_PATH, (_request, response) => {
    response.set({ Upgrade: 'websocket', Connection: 'Upgrade' });
    refuse(response, 426, 'upgrade-required', 'The support chat speaks WebSocket.');
  });
  application.use(createCookiePages(parts.cookieTrials));
  application.use('/api/v1', createApi(parts));
  application.use(notFound, answerError);
  return application;
}

function securityHeaders(): express.RequestHandler {
  return helmet({
    contentSecurityPolicy: false,
    // HSTS would move the HTTP twin to HTTPS after one visit, and there would be nothing left to compare.
    strictTransportSecurity: false,
    // Express was told already.
    xPoweredBy: false,
    // These work over HTTPS only; over HTTP the browser warns about them.
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    // For browsers and plug-ins of the past, and for sites with user files.
    xXssProtection: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xDnsPrefetchControl: false,
    xFrameOptions: { action: 'deny' },
  });
}

const neverStored: express.RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};
