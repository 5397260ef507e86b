/** The values that the ends said were typed, each once, in the order they were first told. */
export class Entered {
  readonly #values = new Set<string>();
  #list: readonly string[] = [];

  add(value: string): void {
    this.#values.add(value);
  }

  clear(): void {
    this.#values.clear();
    this.#list = [];
  }

  /** The same list as before while nothing was added. */
  get list(): readonly string[] {
    // Values only go when all go, so the same number means the same values.
    if (this.#list.length !== this.#values.size) this.#list = [...this.#values];
    return this.#list;
  }
}
