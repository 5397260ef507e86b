import type { ByteRange } from '#dissectors/field.ts';
import { byteCode, readCharacter, visibleCode } from './code-point.ts';
import type { Mark } from './marks.ts';
import { HIDDEN } from './mask.ts';

/** Neighbouring characters that are drawn alike. `start` and `end` index the bytes. */
export interface TextRun {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** A visible code that stands for a character which would not show itself. */
  readonly isCode: boolean;
  readonly isFocused: boolean;
  readonly mark?: Mark;
  /** The mark ends here, so its label goes behind this run. */
  readonly endsMark: boolean;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * The bytes of `window` as text: UTF-8 where it is valid, visible codes for everything that would not show
 * itself, dots for what is hidden. Ends of lines (CR LF or LF) become line breaks.
 */
export function textRuns(
  bytes: Uint8Array,
  window: ByteRange,
  marks: readonly Mark[],
  focus?: ByteRange,
): readonly TextRun[] {
  const runs: TextRun[] = [];
  const end = Math.min(window.end, bytes.length);
  let next = 0;
  for (let at = window.start; at < end;) {
    while ((marks[next]?.end ?? Infinity) <= at) next += 1;
    const candidate = marks[next];
    const mark = candidate !== undefined && candidate.start <= at ? candidate : undefined;
    const drawn = draw(bytes, at, mark);
    const run: TextRun = {
      start: at,
      end: at + drawn.length,
      text: drawn.text,
      isCode: drawn.isCode,
      isFocused: focus !== undefined && at >= focus.start && at < focus.end,
      ...(mark === undefined ? {} : { mark }),
      endsMark: mark !== undefined && at + drawn.length >= mark.end,
    };
    const last = runs.at(-1);
    if (last !== undefined && areAlike(last, run)) {
      runs[runs.length - 1] = { ...last, end: run.end, text: last.text + run.text, endsMark: run.endsMark };
    } else {
      runs.push(run);
    }
    at += drawn.length;
  }
  return runs;
}

function draw(
  bytes: Uint8Array,
  at: number,
  mark: Mark | undefined,
): { length: number; text: string; isCode: boolean } {
  const { length, point } = readCharacter(bytes, at);
  const hidden = mark?.hidden;
  if (hidden !== undefined && at >= hidden.start && at < hidden.end) {
    return { length, text: HIDDEN, isCode: false };
  }
  if (point === undefined) return { length, text: byteCode(bytes[at] ?? 0), isCode: true };
  if (point === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED)
    return { length: 2, text: '\n', isCode: false };
  if (point === LINE_FEED) return { length, text: '\n', isCode: false };
  const code = visibleCode(point);
  return { length, text: code ?? String.fromCodePoint(point), isCode: code !== undefined };
}

function areAlike(one: TextRun, other: TextRun): boolean {
  return one.isCode === other.isCode && one.isFocused === other.isFocused && one.mark === other.mark;
}
