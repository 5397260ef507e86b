import type { Ladder } from '#folds/ladder/ladder.ts';
import type { LadderStep, Phase } from '#folds/ladder/step.ts';

/** How much of the way an arrow takes. */
export type Span = 'whole' | 'left-half' | 'right-half';

/** Whether the stranger has a line between the ends in this phase: not where it is one of the two itself. */
export function isBetween({ client, server }: Pick<Ladder, 'client' | 'server'>, phase: Phase): boolean {
  if (client === 'stranger') return false;
  return server !== 'stranger' || phase === 'lookup';
}

/** Who is not at an end of the whole way reaches to the middle only. */
export function spanOf({ from, to }: LadderStep, strangerIsBetween: boolean): Span {
  if (!strangerIsBetween || (from !== 'stranger' && to !== 'stranger')) return 'whole';
  return [from, to].some((end) => end === 'site' || end === 'resolver') ? 'right-half' : 'left-half';
}

/** The client stands on the left. */
export function pointsRight({ from, to }: LadderStep): boolean {
  if (to === 'stranger') return from === 'victim' || from === 'program';
  return to === 'site' || to === 'resolver';
}
