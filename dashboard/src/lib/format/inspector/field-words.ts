import type { Field } from '#dissectors/field.ts';
import { saysOf } from '../legend.ts';
import type { Mark } from '../marks.ts';
import { HIDDEN } from '../mask.ts';
import { textRuns } from '../text-runs.ts';

/** What a field says, ready to be shown. */
export interface FieldWords {
  readonly label: string;
  /** Its text where its bytes are text, else what its number or code means. */
  readonly says: string;
  /** The bare value, a number in decimal and hexadecimal; absent when there is none. */
  readonly value?: string;
  readonly meaning?: string;
  /** What was captured: the value, unless it only spells out the bytes and there are words for them. */
  readonly data?: string;
  readonly malformed?: string;
  /** Part of what it says is hidden until it is revealed. */
  readonly isHidden: boolean;
}

const LONGEST_SHOWN = 240;

/**
 * A field in words. What a person typed and nobody has revealed is told as far as its bytes are shown; a field
 * around such bytes repeats them only where they can be found in what it says.
 */
export function fieldWords(
  field: Field,
  bytes: Uint8Array,
  marks: readonly Mark[],
  shown: (text: string) => string,
): FieldWords {
  const label = shown(field.label);
  const about = field.malformed === undefined ? {} : { malformed: shown(field.malformed) };
  if (isHidden(field, marks)) {
    const says = shortened(
      field.children === undefined ? halfHidden(field, bytes, marks) : concealed(field, bytes, marks, shown),
    );
    return { label, says, value: says, ...(says === '' ? {} : { data: says }), ...about, isHidden: true };
  }
  const { value, meaning } = field;
  const data = value === undefined || isSpelling(field) ? undefined : shortened(shown(spelled(value)));
  return {
    label,
    says: shortened(shown(saysOf(field))),
    ...(value === undefined ? {} : { value: shortened(shown(spelled(value))) }),
    ...(meaning === undefined ? {} : { meaning: shown(meaning) }),
    ...(data === undefined ? {} : { data }),
    ...about,
    isHidden: false,
  };
}

function isHidden({ range }: Field, marks: readonly Mark[]): boolean {
  return marks.some(({ hidden }) => hidden && hidden.start < range.end && range.start < hidden.end);
}

function halfHidden({ range }: Pick<Field, 'range'>, bytes: Uint8Array, marks: readonly Mark[]): string {
  const window = { start: range.start, end: Math.min(range.end, range.start + LONGEST_SHOWN * 4) };
  const text = textRuns(bytes, window, marks)
    .map((run) => run.text.replaceAll('\n', '\\n'))
    .join('');
  return text === '' ? HIDDEN : text;
}

/** As far as each hidden text stands in it as it does in the bytes; else empty, since it may say it in other words. */
function concealed(
  { value, range }: Field,
  bytes: Uint8Array,
  marks: readonly Mark[],
  shown: (text: string) => string,
): string {
  if (typeof value !== 'string') return '';
  let safe = value;
  for (const mark of marks) {
    if (!mark.hidden || mark.hidden.start >= range.end || range.start >= mark.hidden.end) continue;
    const text = new TextDecoder().decode(bytes.subarray(mark.start, mark.end));
    if (!safe.includes(text)) return '';
    safe = safe.replaceAll(text, () => halfHidden({ range: mark }, bytes, marks));
  }
  return shown(safe);
}

/** The value is the bytes once more, such as in hex, and something else says what they are. */
function isSpelling({ value, meaning, range }: Field): boolean {
  return typeof value === 'string' && meaning !== undefined && value.length > range.end - range.start;
}

function spelled(value: string | number): string {
  return typeof value === 'string' || value < 10
    ? String(value)
    : `${String(value)} (0x${value.toString(16)})`;
}

function shortened(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
