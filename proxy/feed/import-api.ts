import type { ImportAnswer, LogEvent } from '#contract';
import { ConnectionDissector } from '#dissectors/connection.ts';
import type { Message } from '#dissectors/message.ts';
import { limits } from '#recording/limits.ts';
import { readCaptureInSteps, type Recording } from '#recording/read-capture.ts';
import { RecordingError } from '#recording/recording-error.ts';
import { Router, type Request } from 'express';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CaptureLog } from '../capture/log.ts';
import { formParts } from './form-parts.ts';
import { refuse } from './refusal.ts';

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
const eventsBetweenPauses = 512;

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
      const recording = await readUpload(await uploadOf(request));
      const { connections, messages } = await count(recording.events);
      const epoch = log.beginRecorded(recording.events);
      const report: ImportReport = { epoch, connections, messages, notes: recording.notes };
      response.json(report);
    } catch (error) {
      if (request.destroyed && !request.complete) return;
      if (!(error instanceof RecordingError)) throw error;
      const status = error.code === 'file-too-large' ? 413 : 422;
      refuse(response, status, error.code, error.message, error.hint);
    } finally {
      isBusy = false;
    }
  });
  return router;
}

/** The events of a file, read in steps so that the relay goes on between them. */
export async function readUpload({ capture, keylog }: Upload): Promise<Recording> {
  const steps = readCaptureInSteps(capture, keylog === undefined ? {} : { keylog });
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await nextTurn();
  }
}

async function uploadOf(request: Request): Promise<Upload> {
  const body = await bodyOf(request);
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
  return keylog === undefined ? { capture } : { capture, keylog: keylog.toString() };
}

async function bodyOf(request: Request): Promise<Buffer> {
  const tooLarge = new RecordingError(
    'file-too-large',
    `The file is larger than ${limits.fileBytes / 1024 / 1024} MiB.`,
    'Save the part you want to look at as a file of its own, in Wireshark with “Export Specified Packets”.',
  );
  if (Number(request.headers['content-length'] ?? 0) > longestBody) throw tooLarge;
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > longestBody) throw tooLarge;
    pieces.push(piece);
  }
  return Buffer.concat(pieces, length);
}

/** How many connections and messages will be seen, in steps too. */
async function count(events: readonly LogEvent[]): Promise<{ connections: number; messages: number }> {
  const dissectors = new Map<number, ConnectionDissector>();
  const found = new Set<Message>();
  let connections = 0;
  let datagrams = 0;
  for (const [index, event] of events.entries()) {
    if (index % eventsBetweenPauses === 0) await nextTurn();
    if (event.type === 'connection-opened') {
      connections += 1;
      if (event.transport === 'tcp') dissectors.set(event.connection, new ConnectionDissector());
    } else if (event.type === 'bytes-captured') {
      const dissector = dissectors.get(event.connection);
      const { direction, offset, bytes, time } = event;
      if (!dissector) datagrams += 1;
      else for (const message of dissector.push(direction, offset, bytes, time)) found.add(message);
    } else if (event.type === 'connection-closed') {
      for (const message of dissectors.get(event.connection)?.close() ?? []) found.add(message);
      dissectors.delete(event.connection);
    }
  }
  return { connections, messages: found.size + datagrams };
}
