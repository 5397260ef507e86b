import type { Dissection } from '#dissectors/field.ts';
import type { MessageRow } from '#folds/inspector/shapes.ts';
import { lentMarks } from '../lens/lent-marks.ts';
import { marksAgain, marksIn, type Known, type Mark } from '../marks.ts';

/** The stream that no captured byte belongs to. */
const NO_CONNECTION = -1;

/**
 * The secrets in one of a message's dissections. The first one's bytes are the wire's, where places are known; in
 * bytes that were put together, decoded or decrypted, secrets are looked for again, and nothing is sealed there.
 * What is hidden in one of them is hidden in all: a record carries the bytes of the message in it.
 */
export function dissectionMarks(
  message: MessageRow,
  dissections: readonly Dissection[],
  index: number,
  known: Known,
): readonly Mark[] {
  const chosen = dissections[index];
  if (!chosen) return [];
  return dissections.reduce<readonly Mark[]>(
    (marks, other, place) => {
      // What is under TLS has nothing in common with what was sealed.
      if (other === chosen || (other.source === 'decrypted') !== (chosen.source === 'decrypted'))
        return marks;
      return marksAgain(ownMarks(message, other, place, known), other.bytes, chosen.bytes, marks);
    },
    ownMarks(message, chosen, index, known),
  );
}

function ownMarks(message: MessageRow, dissection: Dissection, index: number, known: Known): readonly Mark[] {
  if (dissection.source === 'decrypted') return lentMarks(message, dissection, known);
  if (index === 0) return marksIn(message, dissection, known);
  const protocol = dissection.source === 'reassembled' ? message.protocol : 'unknown';
  const elsewhere = { ...message, connection: NO_CONNECTION, sealed: false, protocol };
  return marksIn(elsewhere, dissection, known);
}
