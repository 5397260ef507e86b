import type { Tamperer } from './tampering.ts';

const APPLICATION_DATA = 23;
const RECORD_HEADER = 5;

/**
 * Flips one bit in the sealed record of a client's request, the `nth` counted from when it comes to the connection.
 * What is in it can't be told; that a new request begins can, because the site has answered before.
 */
export function flipRecord(nth: number): Tamperer {
  let requests = 0;
  let isAnswered = true;
  let isDone = false;
  return {
    wants({ direction, sealed, tls }) {
      // The client's Finished, by its place, is no request.
      if (isDone || !sealed || tls?.contentType !== APPLICATION_DATA || tls.guess === 'handshake')
        return false;
      if (direction === 'client-to-server' && isAnswered) requests += 1;
      isAnswered = direction === 'server-to-client';
      return !isAnswered && requests === nth;
    },
    edit(_message, bytes) {
      if (isDone) return [];
      isDone = true;
      const place = RECORD_HEADER + ((bytes.length - RECORD_HEADER) >> 1);
      return [{ start: place, end: place + 1, bytes: Uint8Array.of((bytes[place] ?? 0) ^ 1) }];
    },
  };
}
