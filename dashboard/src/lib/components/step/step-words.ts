import type { HeldUnit, SteppingLane } from '#contract';
import type { Undelivered } from '#folds/held.ts';

/** What the next step of a lane lets through. */
export function nextOf(held: readonly HeldUnit[], lane: SteppingLane): HeldUnit | undefined {
  return held.find((unit) => unit.lane === lane);
}

export function heldIn(held: readonly HeldUnit[], lane: SteppingLane): number {
  return held.filter((unit) => unit.lane === lane).length;
}

const PARTIES = { client: 'the victim', server: 'the site', relay: 'the lab' } as const;

/** Why bytes never arrived: whoever waited for them, or was to get them, did not wait any longer. */
export function undeliveredText({ connection, direction, start, end, by, how }: Undelivered): string {
  const bytes = (end - start).toLocaleString('en');
  const to = direction === 'client-to-server' ? 'the site' : 'the victim';
  const ended = how === 'end' ? 'ended it' : 'broke it off';
  return `Connection ${String(connection)}: ${PARTIES[by]} ${ended} while ${bytes} B for ${to} were held; they never arrived.`;
}
