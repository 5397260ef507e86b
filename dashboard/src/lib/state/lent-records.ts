import type { LentRecord } from '#folds/lent-record.ts';
import type { LentState } from '../../worker/messages.ts';

/** What lent keys make of each record, by key; far too many to be watched one by one. */
export class LentRecords {
  readonly #records = new Map<string, LentRecord>();

  get(key: string): LentRecord | undefined {
    return this.#records.get(key);
  }

  take(records: LentState['records']): void {
    for (const { key, lent } of records) {
      if (lent) this.#records.set(key, lent);
      else this.#records.delete(key);
    }
  }

  clear(): void {
    this.#records.clear();
  }
}
