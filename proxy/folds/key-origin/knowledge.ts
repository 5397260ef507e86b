import type { Knower } from './key-origin.ts';

/** What is known of a value: who has it from the start, and what it can be computed from. */
export interface Knowable {
  readonly id: string;
  /** Who has it without computing anything: everybody what crosses in clear, an end what it drew itself. */
  readonly held: readonly Knower[];
  /** Each a list of ids from which, all together, it can be computed. */
  readonly ways: readonly (readonly string[])[];
}

export const KNOWERS: readonly Knower[] = ['victim', 'site', 'stranger'];

/**
 * Who can know what, by one rule: whoever has all that a value is computed from, has the value. Nobody gets from a
 * value back to what it was computed from.
 */
export function whoKnows(values: readonly Knowable[]): ReadonlyMap<string, readonly Knower[]> {
  const known = new Map(KNOWERS.map((knower) => [knower, knownBy(knower, values)]));
  return new Map(values.map(({ id }) => [id, KNOWERS.filter((knower) => known.get(knower)?.has(id))]));
}

function knownBy(knower: Knower, values: readonly Knowable[]): ReadonlySet<string> {
  const known = new Set(values.filter(({ held }) => held.includes(knower)).map(({ id }) => id));
  for (let before = -1; before < known.size;) {
    before = known.size;
    for (const { id, ways } of values)
      if (ways.some((inputs) => inputs.length > 0 && inputs.every((input) => known.has(input))))
        known.add(id);
  }
  return known;
}
