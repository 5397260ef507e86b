import { setImmediate } from 'node:timers/promises';

// Milliseconds.
const longestStep = 10;

/**
 * Long work in steps: the relay and the viewers share this process, and go on between two of them. Ask `isDue` often,
 * and `pass` when it is.
 */
export class Turns {
  #since = performance.now();

  /** The present step has lasted long enough. */
  get isDue(): boolean {
    return performance.now() - this.#since >= longestStep;
  }

  /** Lets whatever waits have its turn. */
  async pass(): Promise<void> {
    await setImmediate();
    this.#since = performance.now();
  }
}
