import { Router } from 'express';
import type { CaptureLog } from '../capture/log.ts';
import { FirstTold } from '../pcapng/first-told.ts';
import { exportFileName, secretsIn, writeCaptureFile } from './capture-file.ts';

/** The calls that hand out the capture as files of standard formats, under names made here. */
export function exportRouter(log: CaptureLog): Router {
  const router = Router();
  router.get('/capture.pcapng', async (request, response) => {
    // Anything but a plain yes is a no: keys open everything.
    const withKeys = request.query['keys'] === '1';
    const ending = withKeys ? '-with-keys.pcapng' : '.pcapng';
    response.set('Content-Disposition', `attachment; filename="${exportFileName(ending)}"`);
    response.type('application/x-pcapng');
    await writeCaptureFile(log, response, { withKeys });
  });
  router.get('/keylog', (_request, response) => {
    response.set('Content-Disposition', `attachment; filename="${exportFileName('-keys.txt')}"`);
    response.type('text/plain').send(keyLog(log));
  });
  return router;
}

/**
 * What the ends lent of their keys, as SSLKEYLOGFILE has it: a line once, though both may have told it, and none that
 * contradicts an earlier one.
 */
function keyLog(log: CaptureLog): string {
  const lines = secretsIn(log).flatMap((secret) => (secret.type === 'secrets-logged' ? [secret.line] : []));
  const first = new FirstTold();
  return [...new Set(lines.filter((line) => first.stands(line)))].map((line) => `${line}\n`).join('');
}
