/** Something that went wrong, told so that a person can act on it. */
export interface Notice {
  readonly id: number;
  readonly what: string;
  readonly why: string;
  readonly todo: string;
}

/** The notices on screen, oldest first; the same one is never shown twice at once. */
export class Notices {
  shown = $state.raw<readonly Notice[]>([]);
  #count = 0;

  add(what: string, why: string, todo: string): void {
    if (this.shown.some((notice) => notice.what === what && notice.why === why)) return;
    this.#count += 1;
    this.shown = [...this.shown, { id: this.#count, what, why, todo }];
  }

  dismiss(id: number): void {
    this.shown = this.shown.filter((notice) => notice.id !== id);
  }

  /** Forgets what a new attempt at the same thing makes stale. */
  forget(what: string): void {
    this.shown = this.shown.filter((notice) => notice.what !== what);
  }

  clear(): void {
    this.shown = [];
  }
}
