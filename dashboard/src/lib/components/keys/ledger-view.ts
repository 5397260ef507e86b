import type { LedgerRow } from '#folds/ledger/ledger-row.ts';

/** The ledger as it is by now. */
export interface LedgerView {
  /** Newest last. */
  readonly rows: readonly LedgerRow[];
  /** Connections of the capture that had no keys at all. */
  readonly withoutKeys: number;
}
