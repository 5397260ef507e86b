import { dissectBytes } from '#dissectors/byte-reader.ts';
import { explainDns } from '#dissectors/dns/explain.ts';
import type { Dissection, Field } from '#dissectors/field.ts';
import { explainHttp } from '#dissectors/http1/explain.ts';
import { explainRecord } from '#dissectors/tls/explain.ts';
import type { Slice } from './byte-store.ts';
import type { WireMessage } from './wire-message.ts';

// Nobody reads a tree of more, and the copy would be as large as the body.
export const LONGEST_EXPLAINED = 1024 * 1024;

/**
 * The field tree of a message, from the bytes that are held: its first MiB at most, and as far as they came.
 * Ranges index the bytes that are returned with it.
 */
export function explainMessage(tracked: WireMessage): Dissection {
  const { direction, start, end } = tracked.message;
  const slice = tracked.connection.slice({ direction, start, end: Math.min(end, start + LONGEST_EXPLAINED) });
  const source = slice.inOneChunk ? 'wire' : 'reassembled';
  return { source, bytes: slice.bytes, field: explainSlice(tracked, slice) };
}

/** The same, followed by what the message completes or holds in other bytes than those on the wire. */
export function explainFully(tracked: WireMessage): readonly Dissection[] {
  return [explainMessage(tracked)];
}

function explainSlice({ message }: WireMessage, slice: Slice): Field {
  if (slice.start !== message.start)
    return unreadable(slice.bytes, 'The beginning of this message was dropped from the log.');
  const partial = !message.complete || message.end > slice.start + slice.bytes.length;
  if (message.protocol === 'http1') {
    return explainHttp(slice.bytes, message.kind === 'response' ? 'response' : 'request', partial);
  }
  if (message.protocol === 'dns') return explainDns(slice.bytes);
  if (message.protocol !== 'tls') return unreadable(slice.bytes, message.detail ?? 'Bytes of no known kind.');
  const context = { sealed: message.sealed, carriedOver: message.tls?.carriedOver ?? 0 };
  return explainRecord(slice.bytes, context, partial);
}

function unreadable(bytes: Uint8Array, why: string): Field {
  return dissectBytes(bytes, 'data', 'Bytes', (reader) => reader.describe({ meaning: why }));
}
