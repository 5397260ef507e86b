/** What is to be ended, the newest first; all of it, whatever goes wrong on the way. */
export class Closers {
  readonly #all: (() => unknown)[] = [];

  add(closer: () => unknown): void {
    this.#all.push(closer);
  }

  /** Throws the first error once everything was tried. */
  async closeAll(): Promise<void> {
    const errors: unknown[] = [];
    for (const closer of this.#all.splice(0).reverse()) {
      try {
        await closer();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
