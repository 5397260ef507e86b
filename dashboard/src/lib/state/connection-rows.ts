import type { ConnectionId } from '#contract';
import type { ConnectionRow } from '#folds/inspector/shapes.ts';
import type { ListState } from '../../worker/messages.ts';

/** The list of connections, kept up from what changed of it. */
export class ConnectionRows {
  readonly #rows = new Map<ConnectionId, ConnectionRow>();

  /** In the order in which they were opened. */
  get list(): readonly ConnectionRow[] {
    return [...this.#rows.values()];
  }

  take({ startsOver, changed, gone }: NonNullable<ListState['connections']>): void {
    if (startsOver) this.#rows.clear();
    for (const id of gone) this.#rows.delete(id);
    for (const row of changed) this.#rows.set(row.connection, row);
  }
}
