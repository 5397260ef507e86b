import type { Persona } from '#contract';
import type { Dissection } from '#dissectors/field.ts';
import type { MessageView } from '#folds/view.ts';
import { marksIn, type Known, type Mark } from '../marks.ts';

/** The stream that no captured byte belongs to. */
const NO_CONNECTION = -1;

/**
 * The secrets in bytes that a lent key opened. Nothing there has a place on the wire, so they are looked for again:
 * what a person typed is half hidden as anywhere, and the persona's credentials are shown for what they are.
 */
export function lentMarks(message: MessageView, dissection: Dissection, known: Known): readonly Mark[] {
  const elsewhere = { ...message, connection: NO_CONNECTION, sealed: false, protocol: 'unknown' as const };
  const { bytes } = dissection;
  const typed = marksIn(elsewhere, dissection, known);
  const own = personasMarks(bytes, known.persona).filter(
    (mark) => !typed.some(({ start, end }) => start < mark.end && mark.start < end),
  );
  return [...typed, ...own].sort((one, other) => one.start - other.start);
}

function personasMarks(bytes: Uint8Array, persona: Persona | undefined): readonly Mark[] {
  if (!persona) return [];
  // One byte is one character, so that places in the text are places in the bytes.
  const text = Array.from(bytes.subarray(0, SEARCHED_BYTES), (byte) => String.fromCharCode(byte)).join('');
  return (['mobile', 'password'] as const).flatMap((kind) => {
    const value = persona[kind];
    const marks: Mark[] = [];
    for (let at = text.indexOf(value); value !== '' && at !== -1; at = text.indexOf(value, at + 1))
      marks.push({ kind, start: at, end: at + value.length });
    return marks;
  });
}

/** Beyond this a body is not searched: the credentials stand at the front of what carries them. */
const SEARCHED_BYTES = 64 * 1024;
