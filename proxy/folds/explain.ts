import { dissectBytes } from '#dissectors/byte-reader.ts';
import { explainDns } from '#dissectors/dns/explain.ts';
import type { Dissection, Field } from '#dissectors/field.ts';
import { explainContent } from '#dissectors/http1/content.ts';
import { explainHttp } from '#dissectors/http1/explain.ts';
import type { Message } from '#dissectors/message.ts';
import { explainRecord } from '#dissectors/tls/explain.ts';
import { recordContext } from '#dissectors/tls/record.ts';
import { explainFrame, explainUnmasked } from '#dissectors/websocket/explain.ts';
import { frameOf } from '#dissectors/websocket/frame-message.ts';
import type { Slice } from './byte-store.ts';
import { handshakesEndingIn } from './handshakes.ts';
import type { WireMessage } from './wire-message.ts';

// Nobody reads a tree of more, and the copy would be as large as the body.
export const LONGEST_EXPLAINED = 1024 * 1024;

/**
 * The field tree of a message, from the bytes that are held: its first MiB at most, and as far as they came.
 * Ranges index the bytes that are returned with it.
 */
export function explainMessage(tracked: WireMessage): Dissection {
  const slice = sliceOf(tracked);
  const source = slice.inOneChunk ? 'wire' : 'reassembled';
  return { source, bytes: slice.bytes, field: explainSlice(tracked, slice) };
}

/** The same, followed by what the message completes or holds in other bytes than those on the wire. */
export function explainFully(tracked: WireMessage): readonly Dissection[] {
  return [
    explainMessage(tracked),
    ...explainDecoded(tracked, sliceOf(tracked)),
    ...handshakesEndingIn(tracked),
  ];
}

/** What a message holds once its transfer or content coding, or its masking, is undone. */
function explainDecoded({ message }: WireMessage, slice: Slice): readonly Dissection[] {
  if (slice.start !== message.start) return [];
  if (message.protocol === 'http1') return explainContent(slice.bytes, isPartial(message, slice));
  const unmasked =
    message.protocol === 'websocket' ? explainUnmasked(slice.bytes, frameOf(message)) : undefined;
  return unmasked ? [unmasked] : [];
}

function explainSlice({ message }: WireMessage, slice: Slice): Field {
  if (slice.start !== message.start)
    return unreadable(slice.bytes, 'The beginning of this message was dropped from the log.');
  const partial = isPartial(message, slice);
  if (message.protocol === 'http1') {
    return explainHttp(slice.bytes, message.kind === 'response' ? 'response' : 'request', partial);
  }
  if (message.protocol === 'websocket') return explainFrame(slice.bytes, frameOf(message), partial);
  if (message.protocol === 'dns') return explainDns(slice.bytes);
  if (message.protocol !== 'tls') return unreadable(slice.bytes, message.detail ?? 'Bytes of no known kind.');
  return explainRecord(slice.bytes, recordContext(message), partial);
}

function sliceOf({ message, connection }: WireMessage): Slice {
  const { direction, start, end } = message;
  return connection.slice({ direction, start, end: Math.min(end, start + LONGEST_EXPLAINED) });
}

/** More of it is to come, or lies beyond what is explained. */
function isPartial(message: Message, slice: Slice): boolean {
  return !message.complete || message.end > slice.start + slice.bytes.length;
}

function unreadable(bytes: Uint8Array, why: string): Field {
  return dissectBytes(bytes, 'data', 'Bytes', (reader) => reader.describe({ meaning: why }));
}
