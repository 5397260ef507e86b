import type { Difference, Piece } from './attacks/difference.ts';

/** What fits a line beside other words; the attack bench has the whole of it. */
const LONGEST = 60;

/** What differs, in a line for each side: that alone, cut short, `nothing` where there is nothing. */
export function changeWords({ before, after }: Pick<Difference, 'before' | 'after'>): {
  readonly before: string;
  readonly after: string;
} {
  return { before: changedOnly(before), after: changedOnly(after) };
}

function changedOnly(pieces: readonly Piece[]): string {
  const changed = pieces.filter(({ isChanged }) => isChanged).map(({ text }) => text.trim());
  const characters = Array.from(changed.join(' … '));
  if (characters.length === 0) return 'nothing';
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST).join('')} …` : characters.join('');
}
