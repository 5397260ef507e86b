/** A screenful for the keys that page. */
const PAGE = 10;

/** Where a key leads in a list of rows, within its ends; undefined for keys that lead nowhere. `at` is -1 when nothing is chosen. */
export function rowAfterKey(key: string, at: number, count: number): number | undefined {
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at === -1 ? count - 1 : at - 1,
    PageDown: at + PAGE,
    PageUp: at === -1 ? count - 1 : at - PAGE,
    Home: 0,
    End: count - 1,
  };
  const target = targets[key];
  return target === undefined || count === 0 ? undefined : Math.max(0, Math.min(target, count - 1));
}
