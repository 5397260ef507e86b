import { dissectBytes } from '#dissectors/byte-reader.ts';
import type { Dissection, Field } from '#dissectors/field.ts';
import type { Message } from '#dissectors/message.ts';
import { explainHandshake } from '#dissectors/tls/handshake.ts';
import { handshakeName } from '#dissectors/tls/names.ts';
import { HANDSHAKE, RECORD_HEADER } from '#dissectors/tls/record.ts';
import type { WireConnection } from './wire-connection.ts';
import type { WireMessage } from './wire-message.ts';

// The longest that anybody sends are chains of certificates, of some ten KB.
const LONGEST_HANDSHAKE = 256 * 1024;
const HANDSHAKE_HEADER = 4;

/**
 * The handshake message that ends in this record and began in an earlier one, put together (RFC 8446, 5.1); there
 * is one at most. Where the log has dropped its beginning, that is what is said of the rest.
 */
export function handshakesEndingIn({ message, connection }: WireMessage): readonly Dissection[] {
  const carriedOver = message.tls?.carriedOver ?? 0;
  if (!isOpenHandshake(message) || carriedOver === 0 || carriedOver > contentLength(message)) return [];
  const pieces = [contentOf(connection, message, 0, carriedOver)];
  let size = carriedOver;
  for (const earlier of openRecordsBefore(message, connection)) {
    const begins = earlier.tls?.carriedOver ?? 0;
    const isBeginning = begins < contentLength(earlier);
    const piece = contentOf(connection, earlier, 0, contentLength(earlier));
    if (!piece) break;
    const own = isBeginning ? piece.subarray(lastBeginning(piece, begins)) : piece;
    size += own.length;
    if (size > LONGEST_HANDSHAKE) return [unfinished(pieces, 'A handshake message of more than 256 KiB.')];
    pieces.unshift(own);
    if (isBeginning) return [whole(pieces, message)];
  }
  return [unfinished(pieces, 'The beginning of this message was dropped from the log.')];
}

function isOpenHandshake({ protocol, sealed, tls }: Message): boolean {
  return protocol === 'tls' && !sealed && tls?.contentType === HANDSHAKE;
}

/** The handshake records in clear of the same direction, from the one before this back to the first. */
function* openRecordsBefore(message: Message, { messages }: WireConnection): Iterable<Message> {
  const at = messages.findLastIndex((tracked) => tracked.message === message);
  for (let index = at - 1; index >= 0; index--) {
    const earlier = messages[index]?.message;
    if (earlier?.direction === message.direction && isOpenHandshake(earlier)) yield earlier;
  }
}

/** Bytes of content that are here: of a record that is still arriving, those that came. */
function contentLength({ start, end }: Message): number {
  return Math.max(0, end - start - RECORD_HEADER);
}

/** A stretch of a record's content; undefined when the log has dropped some of it. */
function contentOf(
  connection: WireConnection,
  { direction, start: recordStart }: Message,
  from: number,
  to: number,
): Uint8Array | undefined {
  const start = recordStart + RECORD_HEADER + from;
  const slice = connection.slice({ direction, start, end: recordStart + RECORD_HEADER + to });
  return slice.start === start && slice.bytes.length === to - from ? slice.bytes : undefined;
}

/** Where in a record's content the message begins that goes on behind its end. */
function lastBeginning(content: Uint8Array, first: number): number {
  let at = first;
  while (at + HANDSHAKE_HEADER <= content.length) {
    const [high = 0, middle = 0, low = 0] = content.subarray(at + 1, at + HANDSHAKE_HEADER);
    const end = at + HANDSHAKE_HEADER + high * 65536 + middle * 256 + low;
    if (end >= content.length) break;
    at = end;
  }
  return at;
}

type Pieces = readonly (Uint8Array | undefined)[];

function whole(pieces: Pieces, { direction, tls }: Message): Dissection {
  const bytes = joined(pieces);
  const title = `${handshakeName(bytes[0] ?? 0)}, from ${pieces.length} records`;
  const context = { version: tls?.version, cipherSuite: tls?.cipherSuite, from: direction };
  return dissection(title, bytes, explainHandshake(bytes, context));
}

function unfinished(pieces: Pieces, why: string): Dissection {
  const bytes = joined(pieces);
  const field = dissectBytes(bytes, 'tls.handshake.fragment', 'Part of a handshake message', (reader) =>
    reader.describe({ meaning: why }),
  );
  return dissection('Handshake message, in part', bytes, field);
}

function dissection(title: string, bytes: Uint8Array, field: Field): Dissection {
  return { source: 'reassembled', title, bytes, field };
}

function joined(pieces: Pieces): Uint8Array {
  const held = pieces.filter((piece) => piece !== undefined);
  const bytes = new Uint8Array(held.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of held) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
