const FIRST_CAPACITY = 1024;

/** Numbers of rows in rising order, in one typed array that grows. */
export class RowList {
  #rows = new Uint32Array(FIRST_CAPACITY);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The row at this place; undefined beyond the end. */
  at(index: number): number | undefined {
    return index < this.#length ? this.#rows[index] : undefined;
  }

  /** The place of a row, or -1. */
  indexOf(row: number): number {
    const index = this.#firstFrom(row);
    return this.at(index) === row ? index : -1;
  }

  /** Adds a row at its place, which is nearly always the end; false when it is there already. */
  add(row: number): boolean {
    const index = this.#firstFrom(row);
    if (this.at(index) === row) return false;
    if (this.#length === this.#rows.length) this.#grow();
    this.#rows.copyWithin(index + 1, index, this.#length);
    this.#rows[index] = row;
    this.#length += 1;
    return true;
  }

  /** False when it is not there. */
  remove(row: number): boolean {
    const index = this.indexOf(row);
    if (index === -1) return false;
    this.#rows.copyWithin(index, index + 1, this.#length);
    this.#length -= 1;
    return true;
  }

  /** Keeps those rows only. */
  keep(isKept: (row: number) => boolean): void {
    let kept = 0;
    for (let index = 0; index < this.#length; index++) {
      const row = this.#rows[index] ?? 0;
      if (isKept(row)) this.#rows[kept++] = row;
    }
    this.#length = kept;
  }

  #firstFrom(row: number): number {
    const last = this.#rows[this.#length - 1];
    if (this.#length === 0 || last === undefined || last < row) return this.#length;
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#rows[middle] ?? 0) < row) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #grow(): void {
    const wider = new Uint32Array(this.#rows.length * 2);
    wider.set(this.#rows);
    this.#rows = wider;
  }
}
