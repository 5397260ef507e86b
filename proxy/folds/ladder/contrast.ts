import type { Ladder } from './ladder.ts';
import type { LadderStep } from './step.ts';

/** How the same thing fares on the other ladder. */
export type Contrast = 'sealed there' | 'in clear there';

/** What of a ladder lies in clear where the other has it sealed, or the other way round; by the keys of the steps. */
export function contrastWith(ladder: Ladder, other: Ladder): ReadonlyMap<string, Contrast> {
  const there = { sealed: heldBy(other, true), clear: heldBy(other, false) };
  const contrasts = new Map<string, Contrast>();
  for (const step of ladder.steps) {
    if (step.evidence !== 'captured') continue;
    const elsewhere = step.sealed ? there.clear : there.sealed;
    const own = heldBy(ladder, !step.sealed);
    // What a ladder has in both ways, such as alerts, tells the two ladders apart in nothing.
    if (step.holds.some((name) => elsewhere.has(name) && !own.has(name)))
      contrasts.set(step.key, step.sealed ? 'in clear there' : 'sealed there');
  }
  return contrasts;
}

function heldBy({ steps }: Ladder, sealed: boolean): ReadonlySet<string> {
  const own = steps.filter((step: LadderStep) => step.evidence === 'captured' && step.sealed === sealed);
  return new Set(own.flatMap(({ holds }) => holds));
}
