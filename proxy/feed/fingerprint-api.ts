import type { ConnectionId } from '#contract';
import { Router } from 'express';
import type { CaptureLog } from '../capture/log.ts';
import { fingerprintOf, LONGEST_LOOK } from './fingerprint.ts';
import { logPieces } from './log-stream.ts';
import { refuse } from './refusal.ts';

/** `GET /connections/ID/fingerprint`: JA3 and JA4 of the connection's ClientHello, as the log holds it. */
export function fingerprintRouter(log: CaptureLog): Router {
  const router = Router();
  router.get('/connections/:id/fingerprint', async (request, response) => {
    const first = firstBytes(log, Number(request.params.id));
    const fingerprint = first && (await fingerprintOf(first));
    if (fingerprint) response.json(fingerprint);
    else if (first) {
      const message = 'This connection has not sent a whole ClientHello, or the log has dropped it.';
      refuse(response, 404, 'no-client-hello', message, 'Only TLS connections have a fingerprint.');
    } else {
      const message = 'There is no connection of that number in this capture.';
      refuse(response, 404, 'no-such-connection', message, 'GET /api/events lists those that were opened.');
    }
  });
  return router;
}

/** The first bytes of a connection's client, without a gap; undefined when there is no such connection. */
function firstBytes(log: CaptureLog, connection: ConnectionId): Uint8Array | undefined {
  const pieces: Uint8Array[] = [];
  let size = 0;
  let isKnown = false;
  for (const events of logPieces(log, 0)) {
    for (const event of events) {
      if (!('connection' in event) || event.connection !== connection) continue;
      isKnown ||= event.type === 'connection-opened';
      if (event.type !== 'bytes-captured' || event.direction !== 'client-to-server') continue;
      if (event.offset !== size) return new Uint8Array(0);
      pieces.push(event.bytes);
      size += event.bytes.length;
      if (size >= LONGEST_LOOK) return Buffer.concat(pieces);
    }
  }
  return isKnown ? Buffer.concat(pieces) : undefined;
}
