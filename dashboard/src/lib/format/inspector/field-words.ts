import type { Field } from '#dissectors/field.ts';
import { visibleText } from '../code-point.ts';
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
  readonly malformed?: string;
  /** Part of what it says is hidden until it is revealed. */
  readonly isHidden: boolean;
}

/** Names of fields that only hold others apart: shown, but quietly. */
const QUIET: ReadonlySet<string> = new Set([
  'plainsight.separator',
  'plainsight.line_end',
  'plainsight.json.punctuation',
  'http.chunk_boundary',
]);

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
      field.children === undefined ? halfHidden(field, bytes, marks) : concealed(field, shown),
    );
    return { label, says, value: says, ...about, isHidden: true };
  }
  return {
    label,
    says: shortened(shown(saysOf(field))),
    ...(field.value === undefined ? {} : { value: shortened(shown(spelled(field.value))) }),
    ...(field.meaning === undefined ? {} : { meaning: shown(field.meaning) }),
    ...about,
    isHidden: false,
  };
}

export function isQuiet(field: Field): boolean {
  return QUIET.has(field.name);
}

function isHidden({ range }: Field, marks: readonly Mark[]): boolean {
  return marks.some(({ hidden }) => hidden && hidden.start < range.end && range.start < hidden.end);
}

function halfHidden({ range }: Field, bytes: Uint8Array, marks: readonly Mark[]): string {
  const window = { start: range.start, end: Math.min(range.end, range.start + LONGEST_SHOWN * 4) };
  const text = textRuns(bytes, window, marks)
    .map((run) => run.text.replaceAll('\n', '\\n'))
    .join('');
  return text === '' ? HIDDEN : text;
}

/** Empty where nothing in it was recognised as what must be hidden, which may stand there in other words. */
function concealed({ value }: Field, shown: (text: string) => string): string {
  if (typeof value !== 'string') return '';
  const safe = shown(value);
  return safe === visibleText(value) ? '' : safe;
}

function spelled(value: string | number): string {
  return typeof value === 'string' || value < 10
    ? String(value)
    : `${String(value)} (0x${value.toString(16)})`;
}

function shortened(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
