import { type Request, type RequestHandler, type Response, Router } from 'express';
import { refuse } from '../errors.ts';
import { sendPage } from '../pages/send-page.ts';
import { elsewherePage } from './elsewhere-page.ts';
import { FLAGGED_COOKIES, TRIAL_PATH, endingLine, settingLine } from './flags.ts';
import { cookiesPage } from './page.ts';
import { SECURE_ORIGIN } from './places.ts';
import type { CookieTrials, Seen, Transport, Way } from './trials.ts';

/** Longer than six cookies and the login session's. */
const LONGEST_READING = 4096;

/** The page where the flags of cookies are tried, that of another site, and the requests of a trial. */
export function createCookiePages(trials: CookieTrials): Router {
  const pages = Router();
  const trialIn = ({ query }: Request) =>
    typeof query['trial'] === 'string' ? trials.find(query['trial']) : undefined;

  pages.get(TRIAL_PATH, (request, response) => {
    const trial = trialIn(request);
    const isOver = request.query['trial'] !== undefined && !(trial && trials.isOpen(trial.id));
    const shown = { over: overOf(request), trial, isOver, cookies: request.get('cookie') ?? '' };
    sendPage(response, (nonce) => cookiesPage(nonce, shown));
  });
  pages.get(`${TRIAL_PATH}/elsewhere`, (request, response) => {
    const trial = trialIn(request);
    if (!trial) {
      response.redirect(303, SECURE_ORIGIN + TRIAL_PATH);
      return;
    }
    // Its form leads to the site, which to this page is another one.
    sendPage(response, (nonce) => elsewherePage(nonce, trial), { formAction: SECURE_ORIGIN });
  });

  pages.get(`${TRIAL_PATH}/:trial/from-here`, (request, response) => {
    const { trial } = request.params;
    const way = overOf(request) === 'http' ? 'from-http' : 'from-https';
    if (!isFrom(request, response, ['same-origin'])) return;
    if (trials.note(trial, way, seenIn(request))) response.json({ ok: true });
    else refuseUnknown(response);
  });

  const navigation =
    (way: Way, sites: readonly string[]): RequestHandler<{ trial: string }> =>
    (request, response) => {
      const { trial } = request.params;
      if (!isFrom(request, response, sites)) return;
      trials.note(trial, way, seenIn(request));
      // A page that is loaded again is not a request of the trial again.
      response.redirect(303, `${TRIAL_PATH}?trial=${encodeURIComponent(trial)}#results`);
    };
  pages.get(`${TRIAL_PATH}/:trial/link`, navigation('link', ['cross-site']));
  pages.post(`${TRIAL_PATH}/:trial/form`, navigation('form', ['cross-site']));
  // Whether another scheme is another site browsers do not agree on: each says it of itself.
  pages.get(`${TRIAL_PATH}/:trial/other-scheme`, navigation('other-scheme', ['cross-site', 'same-site']));
  return pages;
}

/** To the API: a trial begins, with its six cookies; a script tells what it has read; a trial ends. */
export function addCookieTrials(api: Router, trials: CookieTrials): void {
  api.post('/cookie-trial', (request, response) => {
    const { id, values } = trials.begin(overOf(request));
    for (const cookie of FLAGGED_COOKIES)
      response.append('Set-Cookie', settingLine(cookie, values.get(cookie.name) ?? ''));
    response.status(201).json({ ok: true, trial: id });
  });

  api.post('/cookie-trial/:trial/script', (request, response) => {
    const { read } = (request.body ?? {}) as { readonly read?: unknown };
    if (typeof read !== 'string' || read.length > LONGEST_READING) {
      refuse(response, 400, 'incomplete-reading', 'Send what document.cookie holds, as { "read": "…" }.');
      return;
    }
    if (trials.note(request.params.trial, 'script', { over: overOf(request), cookies: read }))
      response.json({ ok: true });
    else refuseUnknown(response);
  });

  api.delete('/cookie-trial/:trial', (request, response) => {
    trials.forget(request.params.trial);
    for (const cookie of FLAGGED_COOKIES) response.append('Set-Cookie', endingLine(cookie));
    response.json({ ok: true });
  });
}

/** The browser's own word is taken for where a request comes from (Fetch Metadata); those that say nothing are believed. */
function isFrom(request: Request<{ trial: string }>, response: Response, sites: readonly string[]): boolean {
  const said = request.get('sec-fetch-site');
  if (said === undefined || sites.includes(said)) return true;
  const message = `This counts only when it comes from where it says. The browser says: Sec-Fetch-Site: ${said}.`;
  refuse(response, 409, 'from-elsewhere', message);
  return false;
}

function seenIn(request: Request<{ trial: string }>): Seen {
  const fetchSite = request.get('sec-fetch-site');
  const seen = { over: overOf(request), cookies: request.get('cookie') ?? '' };
  return fetchSite === undefined ? seen : { ...seen, fetchSite };
}

function overOf(request: Pick<Request, 'secure'>): Transport {
  return request.secure ? 'https' : 'http';
}

function refuseUnknown(response: Response): void {
  refuse(response, 404, 'no-such-trial', 'This trial is over. Begin another one.');
}
