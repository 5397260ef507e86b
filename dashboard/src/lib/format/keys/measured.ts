import type { Measure, Measures } from '#contract';

/** Readers of what an experiment measured, which comes over the network: what is not there reads as nothing. */
export function groupIn(measures: Measures | undefined, name: string): Measures | undefined {
  return asGroup(measures?.[name]);
}

export function groupsIn(measures: Measures | undefined, name: string): readonly Measures[] {
  return listIn(measures, name)
    .map(asGroup)
    .filter((group) => group !== undefined);
}

export function numbersIn(measures: Measures | undefined, name: string): readonly number[] {
  return listIn(measures, name).filter((measure) => typeof measure === 'number');
}

export function numberIn(measures: Measures | undefined, name: string): number | undefined {
  const measure = measures?.[name];
  return typeof measure === 'number' ? measure : undefined;
}

export function textIn(measures: Measures | undefined, name: string): string {
  const measure = measures?.[name];
  return typeof measure === 'string' ? measure : '';
}

export function textsIn(measures: Measures | undefined, name: string): readonly string[] {
  return listIn(measures, name).filter((measure) => typeof measure === 'string');
}

/** Undefined where it is neither true nor false. */
export function flagIn(measures: Measures | undefined, name: string): boolean | undefined {
  const measure = measures?.[name];
  return typeof measure === 'boolean' ? measure : undefined;
}

function listIn(measures: Measures | undefined, name: string): readonly Measure[] {
  const measure = measures?.[name];
  return isList(measure) ? measure : [];
}

function asGroup(measure: Measure | undefined): Measures | undefined {
  return typeof measure === 'object' && measure !== null && !isList(measure) ? measure : undefined;
}

// Array.isArray does not narrow readonly arrays.
function isList(measure: Measure | undefined): measure is readonly Measure[] {
  return Array.isArray(measure);
}
