import type { Dissection } from '#dissectors/field.ts';
import type { MessageRow } from '#folds/inspector/shapes.ts';
import { marksIn, type Known, type Mark } from '../marks.ts';

/** The stream that no captured byte belongs to. */
const NO_CONNECTION = -1;

/**
 * The secrets in the bytes of a message's dissection. The first one's bytes are the wire's, where places are known;
 * in bytes that were put together, decoded or decrypted, secrets are looked for again, and nothing is sealed there.
 */
export function dissectionMarks(
  message: MessageRow,
  dissection: Dissection,
  index: number,
  known: Known,
): readonly Mark[] {
  if (index === 0) return marksIn(message, dissection.bytes, known);
  const protocol = dissection.source === 'reassembled' ? message.protocol : 'unknown';
  const elsewhere = { ...message, connection: NO_CONNECTION, sealed: false, protocol };
  return marksIn(elsewhere, dissection.bytes, known);
}
