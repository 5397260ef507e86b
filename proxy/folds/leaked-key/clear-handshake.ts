import type { Direction } from '#contract';
import { CHANGE_CIPHER_SPEC, HANDSHAKE, RECORD_HEADER } from '#dissectors/tls/record.ts';
import { HandshakeStream } from '#keys/handshake-stream.ts';
import type { StreamRange } from '../view.ts';
import type { WireConnection } from '../wire-connection.ts';
import type { WireMessage } from '../wire-message.ts';

/** A handshake message that crossed in clear, header included. */
export interface ClearMessage {
  readonly type: number;
  readonly direction: Direction;
  readonly bytes: Uint8Array;
  /** Where its bytes lie on the wire, a range for each record that it came in. */
  readonly places: readonly StreamRange[];
}

/** Content of records that is waiting to be cut into messages. */
interface Waiting {
  readonly stream: HandshakeStream;
  readonly ranges: { start: number; readonly end: number }[];
  /** Where the next record begins. */
  next: number;
  isOver: boolean;
}

/**
 * The handshake messages of a connection that crossed in clear, in the order in which their last bytes did: all up
 * to Change Cipher Spec in TLS 1.2, both hellos in TLS 1.3. Breaks off where the log has dropped bytes.
 */
export function clearHandshake(wire: WireConnection): readonly ClearMessage[] {
  const sides: Readonly<Record<Direction, Waiting>> = {
    'client-to-server': begin(),
    'server-to-client': begin(),
  };
  const found: ClearMessage[] = [];
  for (const tracked of wire.messages) {
    const side = sides[tracked.message.direction];
    if (!side.isOver) found.push(...take(tracked, side));
    if (sides['client-to-server'].isOver && sides['server-to-client'].isOver) break;
  }
  return found;
}

function begin(): Waiting {
  return { stream: new HandshakeStream(), ranges: [], next: 0, isOver: false };
}

function take({ message, connection }: WireMessage, side: Waiting): readonly ClearMessage[] {
  const { direction, start, end, complete, sealed, protocol, tls } = message;
  const content = start + RECORD_HEADER;
  const { start: held, bytes } = connection.slice({ direction, start: content, end });
  const isHere = start === side.next && complete && protocol === 'tls' && held === content;
  // Each direction on its own: in TLS 1.2 the client may be done with clear messages before the site is.
  if (!isHere || sealed || tls?.contentType === CHANGE_CIPHER_SPEC) side.isOver = true;
  side.next = end;
  if (side.isOver || tls?.contentType !== HANDSHAKE) return [];
  side.ranges.push({ start: content, end });
  return side.stream.push(bytes).map((whole) => ({
    type: whole.bytes[0] ?? 0,
    direction,
    bytes: whole.bytes,
    places: cut(side.ranges, whole.bytes.length).map((range) => ({
      connection: connection.id,
      direction,
      ...range,
    })),
  }));
}

/** Takes so many bytes off the front of these ranges. */
function cut(ranges: Waiting['ranges'], length: number): readonly { start: number; end: number }[] {
  const taken: { start: number; end: number }[] = [];
  let left = length;
  for (let first = ranges[0]; first && left > 0; first = ranges[0]) {
    const size = Math.min(left, first.end - first.start);
    taken.push({ start: first.start, end: first.start + size });
    first.start += size;
    left -= size;
    if (first.start === first.end) ranges.shift();
  }
  return taken;
}
