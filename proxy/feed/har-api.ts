import { isWireEvent, type LogEvent } from '#contract';
import { Router } from 'express';
import type { Writable } from 'node:stream';
import type { CaptureLog } from '../capture/log.ts';
import { type End, EndsHar, StrangersHar } from '../har/capture.ts';
import { exportFileName } from './capture-file.ts';
import { logPieces, writePieces } from './log-stream.ts';
import { refuse } from './refusal.ts';
import { Turns } from './turns.ts';

const LENSES = ['stranger', 'victim', 'site'] as const;
type Lens = (typeof LENSES)[number];

/** `GET /capture.har?lens=…`: the HTTP of the capture as a HAR 1.2 file, as far as the one who looks can read it. */
export function harRouter(log: CaptureLog, version: () => string): Router {
  const router = Router();
  router.get('/capture.har', async (request, response) => {
    const lens = LENSES.find((name) => name === (request.query['lens'] ?? 'stranger'));
    if (!lens) {
      refuse(
        response,
        400,
        'bad-lens',
        '"lens" must be stranger, victim or site.',
        'Leave it out for stranger.',
      );
      return;
    }
    response.set('Content-Disposition', `attachment; filename="${exportFileName(`-${lens}.har`)}"`);
    response.type('application/json');
    const { epoch } = log;
    await writeHar(log, lens, version(), response);
    // Half a file must not look whole.
    if (log.epoch === epoch) response.end();
    else response.destroy();
  });
  return router;
}

async function writeHar(log: CaptureLog, lens: Lens, version: string, to: Writable): Promise<void> {
  const har = lens === 'stranger' ? await strangersHar(log) : await endsHar(log, lens);
  await writePieces(har.pieces(version), to);
}

async function strangersHar(log: CaptureLog): Promise<StrangersHar> {
  const har = new StrangersHar();
  await eachEvent(log, (event) => {
    if (isWireEvent(event)) har.apply(event);
  });
  return har;
}

async function endsHar(log: CaptureLog, end: End): Promise<EndsHar> {
  const har = new EndsHar(end);
  await eachEvent(log, (event) => {
    har.apply(event);
  });
  return har;
}

async function eachEvent(log: CaptureLog, apply: (event: LogEvent) => void): Promise<void> {
  const turns = new Turns();
  for (const events of logPieces(log, 0)) {
    for (const event of events) {
      apply(event);
      if (turns.isDue) await turns.pass();
    }
  }
}
