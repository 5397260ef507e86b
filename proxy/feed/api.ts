import type { BrowserStatus, Findings, Lab } from '#contract';
import { json, Router, type ErrorRequestHandler, type Response } from 'express';
import type { CaptureLog } from '../capture/log.ts';
import { attacksRouter, type AttackCommands } from './attacks-api.ts';
import { writeEventLines } from './event-lines.ts';
import { experimentsRouter, type ExperimentCommands } from './experiments-api.ts';
import { exportRouter } from './export-api.ts';
import { harRouter } from './har-api.ts';
import { importRouter } from './import-api.ts';
import { fingerprintRouter } from './fingerprint-api.ts';
import { refuse } from './refusal.ts';
import { steppingRouter, type SteppingCommands } from './stepping-api.ts';
import { victimRouter, type VictimCommands } from './victim-api.ts';

/** What the HTTP calls ask of the lab. */
export interface LabCommands extends VictimCommands, SteppingCommands, ExperimentCommands, AttackCommands {
  lab(): Lab;
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

/** The HTTP calls under `/api`, JSON in and out. */
export function apiRouter(commands: LabCommands, log: CaptureLog): Router {
  const router = Router();
  router.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  // A capture file is taken whatever type it is said to be of, so before anything is read as JSON.
  router.use(importRouter(log));
  router.use(json({ limit: '16kb' }));

  router.get('/lab', (_request, response) => void response.json(commands.lab()));
  router.use('/victim', victimRouter(commands));
  router.use(
    '/stepping',
    steppingRouter(commands, () => log.isRecorded),
  );
  router.use(
    '/experiments',
    experimentsRouter(commands, () => log.isRecorded),
  );
  router.use(
    '/attacks',
    attacksRouter(commands, () => log.isRecorded),
  );
  router.use(fingerprintRouter(log));
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
  router.use(exportRouter(log));
  router.use(harRouter(log, () => commands.lab().version));
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
