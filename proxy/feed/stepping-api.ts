import type { NextRequest, Stepping, SteppingRequest } from '#contract';
import { Router } from 'express';
import * as v from 'valibot';
import { refuse } from './refusal.ts';

/** What the calls ask of the gate that holds bytes. */
export interface SteppingCommands {
  stepping(): Stepping;
  setStepping(request: SteppingRequest): void;
  next(request: NextRequest): void;
}

const lane = v.exactOptional(v.picklist(['http', 'https']));
const steppingRequest = v.strictObject({ mode: v.picklist(['live', 'step']), lane });
const nextRequest = v.strictObject({ lane });

/** The calls under `/api/stepping`. `isRecorded`: a file is shown, and nothing crosses that could be held. */
export function steppingRouter(commands: SteppingCommands, isRecorded: () => boolean): Router {
  const router = Router();
  router.get('/', (_request, response) => void response.json(commands.stepping()));
  router.put('/', (request, response) => {
    const wanted = v.safeParse(steppingRequest, request.body);
    if (!wanted.success) {
      const hint = 'Send JSON: { "mode": "live" | "step", "lane"?: "http" | "https" }.';
      refuse(response, 400, 'bad-stepping-request', complaint(wanted.issues[0]), hint);
    } else if (wanted.output.mode === 'step' && isRecorded()) {
      const message = 'A recording is shown: nothing crosses that could be held.';
      refuse(response, 409, 'recording-shown', message, 'Go back to live with POST /api/reset.');
    } else {
      commands.setStepping(wanted.output);
      response.json(commands.stepping());
    }
  });
  router.post('/next', (request, response) => {
    const wanted = v.safeParse(nextRequest, request.body ?? {});
    if (!wanted.success) {
      const hint = 'Send JSON: { "lane": "http" | "https" }, or {} for both.';
      refuse(response, 400, 'bad-next-request', complaint(wanted.issues[0]), hint);
      return;
    }
    const { lane: chosen } = wanted.output;
    const { mode, lanes } = commands.stepping();
    if ((chosen ? lanes[chosen] : mode) === 'live') {
      const message = chosen
        ? `The ${chosen} lane is live: nothing is held.`
        : 'Nothing is held: all is live.';
      refuse(response, 409, 'not-stepping', message, 'PUT /api/stepping { "mode": "step" } first.');
      return;
    }
    commands.next(wanted.output);
    response.json(commands.stepping());
  });
  return router;
}

// Not the library's own message: it repeats what was sent.
function complaint(issue: v.BaseIssue<unknown>): string {
  return `"${v.getDotPath(issue) ?? 'the body'}" is missing, unknown or not valid.`;
}
