import type { ConnectionId } from '#contract';
import type { CaptureLog } from './log.ts';

// A connection that an end keeps open after its last word is not waited for longer than half a second. Counted in short
// turns: what came while this process was kept from running is read before the next one, and has not been waited for.
const turns = 20;
const turnMilliseconds = 25;

/** Resolves once the log has seen all these connections close, so that what it tells of them is complete. */
export async function untilClosed(log: CaptureLog, connections: readonly ConnectionId[]): Promise<void> {
  const { epoch } = log;
  const open = new Set(connections);
  let seen = 0;
  const look = () => {
    for (const event of log.epoch === epoch ? log.after(seen) : []) {
      seen = event.seq;
      if (event.type === 'connection-closed') open.delete(event.connection);
    }
    return open.size === 0 || log.epoch !== epoch;
  };
  if (look()) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearInterval(patience);
      unsubscribe();
      resolve();
    };
    let left = turns;
    const patience = setInterval(() => {
      left -= 1;
      if (left === 0) done();
    }, turnMilliseconds);
    const unsubscribe = log.subscribe(() => {
      if (look()) done();
    });
  });
}
