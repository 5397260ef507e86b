import type { ApiError, BrowserStatus, Findings, Lab, LoginAnswer, LoginRequest, Victim } from '#contract';
import { json, Router, type ErrorRequestHandler, type Response } from 'express';
import * as v from 'valibot';
import type { CaptureLog } from '../capture/log.ts';
import { captureFileName, writeCaptureFile } from './capture-file.ts';
import { writeEventLines } from './event-lines.ts';

/** What the HTTP calls ask of the lab. */
export interface LabCommands {
  lab(): Lab;
  victim(): Victim;
  login(request: LoginRequest): Promise<LoginAnswer>;
  findings(): Promise<Findings>;
  reset(): Promise<{ epoch: number }>;
  openBrowser(): Promise<BrowserStatus>;
  closeBrowser(): Promise<BrowserStatus>;
}

/** An error that the caller can do something about; anything else is a fault of ours and answers 500. */
interface HelpfulError extends Error {
  readonly code: string;
  readonly hint: string;
}

const typed = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const loginRequest = v.object({
  mobile: typed,
  password: typed,
  site: v.picklist(['http', 'https', 'both']),
  host: v.exactOptional(v.pipe(v.string(), v.maxLength(253))),
});

/** The HTTP calls under `/api`, JSON in and out. */
export function apiRouter(commands: LabCommands, log: CaptureLog): Router {
  const router = Router();
  router.use(json({ limit: '16kb' }));
  router.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });

  router.get('/lab', (_request, response) => void response.json(commands.lab()));
  router.get('/victim', (_request, response) => void response.json(commands.victim()));
  router.get('/findings', async (_request, response) => void response.json(await commands.findings()));
  router.get('/events', async (request, response) => {
    const after = Number(request.query['after'] ?? 0);
    if (!Number.isSafeInteger(after) || after < 0) {
      refuse(response, 400, 'bad-after', '"after" must be the number of an event.', 'Use 0 for everything.');
      return;
    }
    response.type('application/x-ndjson');
    await writeEventLines(log, after, response);
  });
  router.get('/capture.pcapng', async (_request, response) => {
    response.set('Content-Disposition', `attachment; filename="${captureFileName()}"`);
    response.type('application/x-pcapng');
    await writeCaptureFile(log, response);
  });
  router.post('/victim/login', async (request, response) => {
    const wanted = v.safeParse(loginRequest, request.body);
    if (!wanted.success) {
      const [issue] = wanted.issues;
      const where = v.getDotPath(issue) ?? 'the body';
      // Not the library's own message: it repeats what was typed.
      const hint = 'Send JSON: { "mobile": "…", "password": "…", "site": "http" | "https" | "both" }.';
      refuse(response, 400, 'bad-login-request', `"${where}" is missing or not valid.`, hint);
      return;
    }
    response.json(await commands.login(wanted.output));
  });
  router.post('/reset', async (_request, response) => void response.json(await commands.reset()));
  router.post(
    '/browser/open',
    async (_request, response) => void response.json(await commands.openBrowser()),
  );
  router.post(
    '/browser/close',
    async (_request, response) => void response.json(await commands.closeBrowser()),
  );

  router.use((request, response) => {
    const message = `There is no ${request.method} ${request.baseUrl}${request.path}.`;
    refuse(response, 404, 'no-such-call', message, 'The README lists the calls.');
  });
  router.use(answerError);
  return router;
}

const answerError: ErrorRequestHandler = (error: unknown, _request, response: Response, next) => {
  if (response.headersSent) {
    next(error);
    return;
  }
  if (isHelpful(error)) {
    refuse(response, 409, error.code, error.message, error.hint);
    return;
  }
  const status = statusOf(error);
  if (status < 500) {
    refuse(
      response,
      status,
      'bad-request',
      'The body could not be read as JSON.',
      'Send JSON of at most 16 kB.',
    );
    return;
  }
  console.error(
    `plainsight: a call failed: ${error instanceof Error ? (error.stack ?? error.message) : 'unknown'}`,
  );
  refuse(response, 500, 'internal', 'The lab made a mistake.', 'The terminal it runs in says more.');
};

function isHelpful(error: unknown): error is HelpfulError {
  return error instanceof Error && 'hint' in error && 'code' in error;
}

function statusOf(error: unknown): number {
  const status = (error as { status?: unknown }).status;
  return typeof status === 'number' ? status : 500;
}

function refuse(response: Response, status: number, code: string, message: string, hint: string): void {
  const body: ApiError = { error: { code, message, hint } };
  response.status(status).json(body);
}
