import type { LogEvent } from '#contract';
import type { Arming } from './attack.ts';

/**
 * Calls `look` with what the log has been told of since, in order and a little later: the log itself waits for nobody.
 * Stops when it is disarmed; what `look` throws disarms it. Answers what has it look once more, be there news or not.
 */
export function asTold(
  { lab: { log }, signal, failed }: Arming,
  look: (fresh: readonly LogEvent[]) => void,
): () => void {
  const { epoch } = log;
  let seen = log.lastSeq;
  let isDue = false;
  const note = () => {
    if (isDue) return;
    isDue = true;
    // Many events come in one turn, and are looked at once.
    setImmediate(() => {
      isDue = false;
      if (signal.aborted || log.epoch !== epoch) return;
      const fresh = log.after(seen);
      seen = log.lastSeq;
      try {
        look(fresh);
      } catch (error) {
        failed(error);
      }
    });
  };
  const unsubscribe = log.subscribe(note);
  if (signal.aborted) unsubscribe();
  else signal.addEventListener('abort', unsubscribe, { once: true });
  return note;
}
