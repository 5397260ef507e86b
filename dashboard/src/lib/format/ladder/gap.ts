const LEAST_DRAWN = 1e6;
const TALLEST = 56;

/**
 * Pixels that stand for the time between two steps: none below a millisecond, 12 more for each tenfold from there
 * on. The same for every ladder, so that the same wait is as tall in both.
 */
export function gapHeight(nanoseconds: number): number {
  if (nanoseconds < LEAST_DRAWN) return 0;
  return Math.min(TALLEST, Math.round(16 + 12 * Math.log10(nanoseconds / LEAST_DRAWN)));
}
