import type { Ladder } from '#folds/ladder/ladder.ts';
import type { LadderSide } from '../../state/ladder.svelte.ts';
import { rowAfterKey } from '../inspector/list-keys.ts';

export const LADDER_SIDES: readonly LadderSide[] = ['left', 'right'];

/** A step by its ladder and its place in it. */
export interface StepPlace {
  readonly side: LadderSide;
  readonly index: number;
}

type Sides = Readonly<Partial<Record<LadderSide, Ladder>>>;

/** Where a key leads: up and down a ladder, or over to the step of the other that comes at the same point. */
export function stepAfterKey(key: string, { side, index }: StepPlace, sides: Sides): StepPlace | undefined {
  const ladder = sides[side];
  if (!ladder) return undefined;
  if (key === 'ArrowLeft' || key === 'ArrowRight') {
    const target = key === 'ArrowLeft' ? 'left' : 'right';
    const other = sides[target];
    return target === side || !other ? undefined : { side: target, index: counterpart(ladder, index, other) };
  }
  const next = rowAfterKey(key, index, ladder.steps.length);
  return next === undefined ? undefined : { side, index: next };
}

/** The step as far into the same phase, else the last one before that phase. */
function counterpart({ steps }: Ladder, index: number, other: Ladder): number {
  const phase = steps[index]?.phase;
  const depth = index - steps.findIndex((step) => step.phase === phase);
  const first = other.steps.findIndex((step) => step.phase === phase);
  if (first === -1) return Math.max(0, Math.min(index, other.steps.length - 1));
  const last = other.steps.findLastIndex((step) => step.phase === phase);
  return Math.min(first + depth, last);
}
