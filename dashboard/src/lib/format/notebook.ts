import type { Finding, FindingKind, FindingStatus, Persona } from '#contract';
import type { StreamRange } from '#folds/view.ts';
import { halfMask, isPersonas } from './mask.ts';

export interface NotebookColumn {
  readonly title: string;
  readonly kinds: readonly FindingKind[];
  /** How much room its values take. */
  readonly width: 'widest' | 'wide' | 'middle' | 'narrow';
  /** Its values are taken from the wire as they are, not counted or summed up. */
  readonly isVerbatim: boolean;
}

export const NOTEBOOK_COLUMNS: readonly NotebookColumn[] = [
  { title: 'Site', kinds: ['site'], width: 'wide', isVerbatim: true },
  { title: 'Page', kinds: ['page'], width: 'wide', isVerbatim: true },
  { title: 'Mobile', kinds: ['mobile'], width: 'middle', isVerbatim: true },
  { title: 'Password', kinds: ['password'], width: 'middle', isVerbatim: true },
  { title: 'Cookie', kinds: ['cookie'], width: 'narrow', isVerbatim: true },
  { title: 'Token', kinds: ['token'], width: 'narrow', isVerbatim: true },
  { title: 'Reply', kinds: ['reply'], width: 'narrow', isVerbatim: false },
  { title: 'Size & time', kinds: ['size', 'time'], width: 'widest', isVerbatim: false },
  { title: 'Requests', kinds: ['requests'], width: 'narrow', isVerbatim: false },
];

/** What the stranger wrote down in one cell, and where it was read. */
export interface NotebookCell {
  readonly status: FindingStatus;
  /** One for each kind of finding in the cell. */
  readonly lines: readonly string[];
  readonly range: StreamRange;
  /** A hash, sent in place of the password. */
  readonly isHash?: true;
  /** What a person typed; not the persona's. */
  readonly isHidden: boolean;
}

/** The cell of a column, from the newest finding of each of its kinds; undefined while there is none. */
export function notebookCell(
  findings: readonly Finding[],
  column: NotebookColumn,
  persona: Persona | undefined,
  isRevealed: boolean,
): NotebookCell | undefined {
  const found = column.kinds.flatMap((kind) => findings.findLast((finding) => finding.kind === kind) ?? []);
  const [first] = found;
  if (first === undefined) return undefined;
  const isTyped = first.kind === 'mobile' || first.kind === 'password';
  const values = found.flatMap((finding) => finding.value ?? []);
  const isHidden = isTyped && !isRevealed && values.some((value) => !isPersonas(value, persona));
  return {
    status: first.status,
    lines: isHidden ? values.map(halfMask) : values,
    ...(first.isHash && { isHash: true }),
    range: { connection: first.connection, direction: first.direction, start: first.start, end: first.end },
    isHidden,
  };
}
