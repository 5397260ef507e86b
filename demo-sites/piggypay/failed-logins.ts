const WINDOW_MS = 60_000;
const MOST_FAILURES = 60;

/**
 * Slows guessing down: so many failed logins a minute, then none is looked at until the minute is over.
 * Counted for the site as a whole, since in the lab everybody comes from 127.0.0.1. Logins that succeed never count.
 */
export class FailedLogins {
  #windowEnds = 0;
  #failures = 0;

  add(): void {
    if (Date.now() >= this.#windowEnds) {
      this.#windowEnds = Date.now() + WINDOW_MS;
      this.#failures = 0;
    }
    this.#failures += 1;
  }

  /** Seconds until logins are looked at again; 0 when they are now. */
  get secondsToWait(): number {
    if (this.#failures < MOST_FAILURES) return 0;
    return Math.max(0, Math.ceil((this.#windowEnds - Date.now()) / 1000));
  }

  reset(): void {
    this.#windowEnds = 0;
    this.#failures = 0;
  }
}
