/**
 * Two seconds, in milliseconds, for something that starts a program again; on a machine that is busy with other things, as
 * much longer as starting it takes there at that time: `startTook`, in milliseconds.
 */
export function twoSeconds(startTook: number): number {
  return Math.max(2000, 3 * startTook);
}
