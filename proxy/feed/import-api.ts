import type { ImportAnswer } from '#contract';
import { limits } from '#recording/limits.ts';
import { readCaptureInSteps, type Recording } from '#recording/read-capture.ts';
import { RecordingError } from '#recording/recording-error.ts';
import { Router, type Request } from 'express';
import type { CaptureLog } from '../capture/log.ts';
import { boundedBody } from './bounded-body.ts';
import { formParts } from './form-parts.ts';
import { countMessages, type Counted } from './message-count.ts';
import { refuse } from './refusal.ts';
import { Turns } from './turns.ts';

/** What an import is answered with. */
interface ImportReport extends ImportAnswer {
  /** What could not be shown and why, a sentence each. */
  readonly notes: readonly string[];
}

interface Upload {
  readonly capture: Uint8Array;
  readonly keylog?: string;
}

// A form adds a little around its parts.
const longestBody = limits.fileBytes + limits.keyLogBytes + (64 << 10);

/**
 * `POST /import`: the capture file as the body of any type, or a form (multipart/form-data) with the parts `capture`
 * and, if there is one, `keylog`; a short key log may stand in the query as well. From then on the log is the
 * recording, until it begins anew.
 */
export function importRouter(log: CaptureLog): Router {
  const router = Router();
  let isBusy = false;
  router.post('/import', async (request, response) => {
    if (isBusy) {
      refuse(response, 409, 'import-busy', 'Another file is being opened.', 'Wait until it is shown.');
      return;
    }
    isBusy = true;
    try {
      const { events, connections, messages, notes } = await readUpload(await uploadOf(request));
      const epoch = log.beginRecorded(events);
      const report: ImportReport = { epoch, connections, messages, notes };
      response.json(report);
    } catch (error) {
      if (!(error instanceof RecordingError)) {
        // Whoever has gone in the middle needs no answer.
        if (request.destroyed && !request.complete) return;
        throw error;
      }
      const status = error.code === 'file-too-large' ? 413 : 422;
      refuse(response, status, error.code, error.message, error.hint);
    } finally {
      isBusy = false;
    }
  });
  return router;
}

/** The events of a file and what they will be seen as, read in steps so that the relay goes on between them. */
export async function readUpload({ capture, keylog }: Upload): Promise<Recording & Counted> {
  const steps = readCaptureInSteps(capture, keylog === undefined ? {} : { keylog });
  const turns = new Turns();
  for (;;) {
    const step = steps.next();
    if (step.done) return { ...step.value, ...(await countMessages(step.value.events)) };
    if (turns.isDue) await turns.pass();
  }
}

async function uploadOf(request: Request): Promise<Upload> {
  const body = (await boundedBody(request, longestBody)) ?? tooLarge('file', limits.fileBytes, fileHint);
  const type = request.headers['content-type'] ?? '';
  if (!/^multipart\//i.test(type)) {
    const { keylog } = request.query;
    return typeof keylog === 'string' ? { capture: body, keylog } : { capture: body };
  }
  const parts = formParts(type, body);
  const capture = parts?.get('capture');
  const keylog = parts?.get('keylog');
  if (capture === undefined) {
    throw new RecordingError(
      'unknown-format',
      'The form has no part named "capture", or could not be read.',
      'Send the parts "capture" and "keylog" as multipart/form-data, or the capture file alone as the body.',
    );
  }
  if (keylog === undefined) return { capture };
  if (keylog.length > limits.keyLogBytes) tooLarge('key log', limits.keyLogBytes, keyLogHint);
  return { capture, keylog: keylog.toString() };
}

const fileHint =
  'Save the part you want to look at as a file of its own, in Wireshark with “Export Specified Packets”.';
const keyLogHint = 'Keep the lines of the connections that you want to look at.';

function tooLarge(what: string, most: number, hint: string): never {
  throw new RecordingError('file-too-large', `The ${what} is larger than ${most / 1024 / 1024} MiB.`, hint);
}
