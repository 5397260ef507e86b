import type { MessageFilter } from '#folds/inspector/shapes.ts';

/** The filter with one thing set, or no longer asked for. */
export function narrowed<Key extends keyof MessageFilter>(
  filter: MessageFilter,
  key: Key,
  value: MessageFilter[Key] | undefined,
): MessageFilter {
  const rest = Object.entries(filter).filter(([name]) => name !== key);
  const all = value === undefined || value === '' ? rest : [...rest, [key, value]];
  return Object.fromEntries(all) as MessageFilter;
}

/** Whether it narrows anything. */
export function isNarrowing(filter: MessageFilter): boolean {
  return Object.keys(filter).length > 0;
}
