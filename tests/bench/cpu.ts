import { readdirSync, readFileSync } from 'node:fs';

const nanosecondsPerTick = 1e9 / 100;

/**
 * CPU time that a process and its children have used so far, in seconds: running threads to the nanosecond,
 * children that have ended to 10 ms (Linux keeps no finer account of them). Undefined off Linux.
 */
export function cpuSeconds(pid: number): number | undefined {
  try {
    return nanoseconds(pid) / 1e9;
  } catch {
    return undefined;
  }
}

function nanoseconds(pid: number): number {
  let total = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    total += firstNumber(`/proc/${pid}/task/${thread}/schedstat`);
    for (const child of words(`/proc/${pid}/task/${thread}/children`)) total += endedAware(Number(child));
  }
  // cutime and cstime, fields 16 and 17; the name in field 2 may hold spaces, so count from its bracket.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return total + (Number(fields[13]) + Number(fields[14])) * nanosecondsPerTick;
}

/** A child may end between being listed and being read; its parent's account has it then. */
function endedAware(pid: number): number {
  try {
    return nanoseconds(pid);
  } catch {
    return 0;
  }
}

function words(path: string): readonly string[] {
  return readFileSync(path, 'utf8').split(/\s+/).filter(Boolean);
}

function firstNumber(path: string): number {
  return Number(words(path)[0]);
}
