/**
 * How long the victim waits for an answer before it gives up, in milliseconds. It is asked anew when the time
 * is up, since what is waited for may be held on purpose by then.
 */
export type Patience = () => number;

const usualMilliseconds = 10_000;
// As long as a class looks at one record.
const longMilliseconds = 10 * 60_000;

export const usualPatience: Patience = () => usualMilliseconds;

/** Long while `isHeld` says that bytes are held on the way, else as usual. */
export function patienceWhile(isHeld: () => boolean): Patience {
  return () => (isHeld() ? longMilliseconds : usualMilliseconds);
}

/** The victim's own error, of which its result tells. */
export type Impatience = Error & { readonly code: string };

/** Calls `giveUp` when the patience is over, unless the function that it returns is called before. */
export function whenOutOfPatience(patience: Patience, giveUp: (error: Impatience) => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (milliseconds: number): void => {
    timer = setTimeout(() => {
      const longer = patience();
      if (longer > milliseconds) wait(longer);
      else giveUp(impatience(milliseconds));
    }, milliseconds);
  };
  wait(patience());
  return () => clearTimeout(timer);
}

function impatience(milliseconds: number): Impatience {
  return Object.assign(new Error(`no answer within ${milliseconds / 1000} seconds`), { code: 'ETIMEDOUT' });
}
