import { isWireEvent } from '#contract';
import { Router } from 'express';
import type { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { CaptureLog } from '../capture/log.ts';
import { type End, EndsHar, StrangersHar } from '../har/capture.ts';
import { exportFileName } from './capture-file.ts';
import { logPieces, writePieces } from './log-stream.ts';
import { refuse } from './refusal.ts';

const LENSES = ['stranger', 'victim', 'site'] as const;
type Lens = (typeof LENSES)[number];

// Milliseconds: the relay and the viewers share this process.
const LONGEST_STEP = 10;

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
  let since = performance.now();
  for (const piece of har.pieces(version)) {
    if (to.destroyed) return;
    if (piece !== '') await writePieces([piece], to);
    if (performance.now() - since < LONGEST_STEP) continue;
    await setImmediate();
    since = performance.now();
  }
}

async function strangersHar(log: CaptureLog): Promise<StrangersHar> {
  const har = new StrangersHar();
  for (const events of logPieces(log, 0)) {
    for (const event of events) if (isWireEvent(event)) har.apply(event);
    await setImmediate();
  }
  return har;
}

async function endsHar(log: CaptureLog, end: End): Promise<EndsHar> {
  const har = new EndsHar(end);
  for (const events of logPieces(log, 0)) {
    for (const event of events) har.apply(event);
    await setImmediate();
  }
  return har;
}
