import type { Content, Protection } from './protection.ts';

// So many records behind the expected one are tried for; each costs one look at a record.
const FARTHEST_AFTER_MISSES = 4;
const FARTHEST_AFTER_GAP = 64;
// Keys under which nothing has ever verified are wrong ones: then only the number that is due is tried.
const MISSES_OF_WRONG_KEYS = 8;

/** The keys of one epoch in one direction, and how far the numbers of its records have come. */
export class NumberedKeys<Kind extends Protection = Protection> {
  readonly protection: Kind;
  #next = 0;
  #misses = 0;
  #opened = 0;
  #gap = false;

  constructor(protection: Kind, behindGap = false) {
    this.protection = protection;
    this.#gap = behindGap;
  }

  /** Whether a record has verified under these keys, so that they are the right ones. */
  get proven(): boolean {
    return this.#opened > 0;
  }

  /** Nothing is known to be missing, and nothing has failed to verify, since the last record that did. */
  get inStep(): boolean {
    return this.#misses === 0 && !this.#gap;
  }

  /** Records may be missing before the next one. */
  lose(): void {
    this.#gap = true;
  }

  /**
   * Opens a record as the one that is due. After one that did not verify, or a gap, also as one of the next:
   * an altered record takes up a number, an injected one does not, and how many a gap held nobody knows.
   */
  open(record: Uint8Array): Content | undefined {
    const farthest = this.#farthest();
    for (let ahead = 0; ahead <= farthest; ahead++) {
      const content = this.protection.open(record, this.#next + ahead);
      if (!content) continue;
      this.#next += ahead + 1;
      this.#opened += 1;
      this.#misses = 0;
      this.#gap = false;
      return content;
    }
    this.#misses += 1;
    return undefined;
  }

  #farthest(): number {
    if (!this.proven && this.#misses >= MISSES_OF_WRONG_KEYS) return 0;
    return this.#gap ? FARTHEST_AFTER_GAP : Math.min(this.#misses, FARTHEST_AFTER_MISSES);
  }
}
