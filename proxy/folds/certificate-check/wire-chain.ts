import type { WireConnection } from '../wire-connection.ts';

const HANDSHAKE = 22;
const CERTIFICATE = 11;
const RECORD_HEADER = 5;
const MESSAGE_HEADER = 4;
// Of a handshake in clear; the longest chains take some ten KB.
const LONGEST_FLIGHT = 256 * 1024;

/**
 * The certificates that the site sent in clear (DER, its own first), as TLS up to 1.2 does (RFC 5246, 7.4.2). Empty
 * where they are sealed, have not arrived, or were dropped from the log.
 */
export function chainOnWire(connection: WireConnection): readonly Uint8Array[] {
  const flight = clearHandshake(connection);
  for (let at = 0; at + MESSAGE_HEADER <= flight.length;) {
    const start = at + MESSAGE_HEADER;
    const end = start + number24(flight, at + 1);
    if (flight[at] === CERTIFICATE && end <= flight.length) return entries(flight.subarray(start, end));
    at = end;
  }
  return [];
}

/** What the site's handshake records hold, up to the first that is sealed. */
function clearHandshake(connection: WireConnection): Uint8Array {
  const pieces: Uint8Array[] = [];
  let size = 0;
  let next = 0;
  for (const { message } of connection.messages) {
    if (message.direction !== 'server-to-client' || message.protocol !== 'tls') continue;
    const { start, end, complete, sealed, tls } = message;
    if (start !== next || !complete || sealed || tls?.contentType !== HANDSHAKE || size > LONGEST_FLIGHT)
      break;
    const slice = connection.slice({ direction: 'server-to-client', start, end });
    if (slice.start !== start) break;
    pieces.push(slice.bytes.subarray(RECORD_HEADER));
    size += slice.bytes.length - RECORD_HEADER;
    next = end;
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function entries(body: Uint8Array): readonly Uint8Array[] {
  const certificates: Uint8Array[] = [];
  for (let at = 3; at + 3 <= body.length;) {
    const end = at + 3 + number24(body, at);
    if (end > body.length) break;
    certificates.push(body.slice(at + 3, end));
    at = end;
  }
  return certificates;
}

function number24(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 65536 + (bytes[at + 1] ?? 0) * 256 + (bytes[at + 2] ?? 0);
}
