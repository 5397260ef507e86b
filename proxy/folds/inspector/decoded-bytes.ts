import { explainContent } from '#dissectors/http1/content.ts';
import { latin1 } from '#dissectors/text.ts';
import { unmasked } from '#dissectors/websocket/frame-head.ts';
import { frameOf } from '#dissectors/websocket/frame-message.ts';
import { LONGEST_EXPLAINED } from '../explain.ts';
import type { WireMessage } from '../wire-message.ts';

const HAS_CODING = /^(content|transfer)-encoding:/im;

/**
 * What a complete message says in other bytes than those on the wire: a WebSocket payload without its mask, an HTTP
 * body with its chunks put together and its codings undone; from its first MiB. Empty where the wire says it all.
 */
export function decodedBytes({ connection, message }: WireMessage): readonly Uint8Array[] {
  const { direction, start, protocol, complete } = message;
  if (!complete) return [];
  if (protocol === 'websocket') {
    const frame = frameOf(message);
    if (!frame?.masked || frame.compressed) return [];
    const { bytes, start: from } = connection.slice(firstOf(message));
    if (from !== start) return [];
    const key = bytes.subarray(frame.headLength - 4, frame.headLength);
    return [unmasked(bytes.subarray(frame.headLength), key)];
  }
  if (protocol !== 'http1') return [];
  const headLength = message.http?.headLength ?? 0;
  const head = connection.slice({ direction, start, end: start + headLength });
  if (head.start !== start || !HAS_CODING.test(latin1(head.bytes))) return [];
  const isPartial = message.end > start + LONGEST_EXPLAINED;
  return explainContent(connection.slice(firstOf(message)).bytes, isPartial).map(({ bytes }) => bytes);
}

function firstOf({ direction, start, end }: WireMessage['message']) {
  return { direction, start, end: Math.min(end, start + LONGEST_EXPLAINED) };
}
