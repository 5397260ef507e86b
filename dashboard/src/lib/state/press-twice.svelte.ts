/** How long the second press is waited for. */
const PATIENCE_MS = 3000;

/** One key that forgets much at once: the first press only asks, the second within three seconds does it. */
export class PressTwice {
  isAsking = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** True for the second press in time. */
  press(): boolean {
    const isSecond = this.isAsking;
    this.forget();
    if (isSecond) return true;
    this.isAsking = true;
    this.#timer = setTimeout(() => {
      this.isAsking = false;
    }, PATIENCE_MS);
    return false;
  }

  /** The next press is a first one. */
  forget(): void {
    clearTimeout(this.#timer);
    this.isAsking = false;
  }
}
