/** Lines that a key which pages goes on. */
const PAGE = 12;

/**
 * The byte that a key leads to from `at` in a dump of `perRow` bytes a line, within its ends: a byte or a line
 * further, Home and End of the line, with Ctrl of all. Undefined for keys that lead nowhere.
 */
export function byteAfterKey(
  event: { readonly key: string; readonly ctrlKey: boolean },
  at: number,
  perRow: number,
  length: number,
): number | undefined {
  const rowStart = at - (at % perRow);
  const targets: Readonly<Record<string, number>> = {
    ArrowRight: at + 1,
    ArrowLeft: at - 1,
    ArrowDown: at + perRow,
    ArrowUp: at - perRow,
    PageDown: at + perRow * PAGE,
    PageUp: at - perRow * PAGE,
    Home: event.ctrlKey ? 0 : rowStart,
    End: event.ctrlKey ? length - 1 : rowStart + perRow - 1,
  };
  const target = targets[event.key];
  if (target === undefined) return undefined;
  // A line up or down from the edge stays where it is, instead of running along the line.
  const isVertical = event.key === 'ArrowDown' || event.key === 'ArrowUp';
  if (isVertical && (target < 0 || target >= length)) return at;
  return Math.max(0, Math.min(target, length - 1));
}
