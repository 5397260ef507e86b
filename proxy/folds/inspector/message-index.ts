import { isWireEvent, type ConnectionId, type LogEvent, type WireEvent } from '#contract';
import type { Dissection } from '#dissectors/field.ts';
import { Connections } from '../connections.ts';
import { explainFully } from '../explain.ts';
import type { StreamRange } from '../view.ts';
import type { WireConnection } from '../wire-connection.ts';
import type { WireMessage } from '../wire-message.ts';
import { ConnectionList, type ConnectionChanges } from './connection-list.ts';
import { FilteredRows } from './filtered-rows.ts';
import { RowTable } from './row-table.ts';
import type { MessageFilter, MessageRow } from './shapes.ts';

/**
 * Every message of every connection of a capture as one list, and what a filter lets through of it; for a hundred
 * thousand of them and more. Folds the log event by event; the filter follows in steps (`advance`), so that no
 * call takes long. A message of which the log dropped every byte is no longer listed. A new epoch starts over, and
 * so does the beginning of the same one, sent again to a reader that missed events; the filter stays.
 */
export class InspectorIndex {
  #epoch = 0;
  #turn = 0;
  #filter: MessageFilter = {};
  #connections = new Connections();
  #table = new RowTable();
  #list = new ConnectionList(this.#connections);
  #filtered = this.#startFilter();

  get epoch(): number {
    return this.#epoch;
  }

  /** Rises each time the list starts over. */
  get turn(): number {
    return this.#turn;
  }

  /** All messages. */
  get total(): number {
    return this.#table.live;
  }

  /** Messages that the filter lets through, as far as is known. */
  get matching(): number {
    return this.#filtered.list.length;
  }

  get isUpToDate(): boolean {
    return this.#filtered.isUpToDate;
  }

  /** Names of servers, in the order of the alphabet; the same list until one comes or goes. */
  get hosts(): readonly string[] {
    return this.#list.hosts;
  }

  apply(event: LogEvent): void {
    if (event.epoch !== this.#epoch || event.type === 'epoch-started') this.#startOver(event.epoch);
    if (isWireEvent(event)) this.#applyWire(event);
  }

  setFilter(filter: MessageFilter): void {
    this.#filter = filter;
    this.#filtered = this.#startFilter();
  }

  /** Lets the filter follow until it is up to date or `isOver` says that the time is up; true in the first case. */
  advance(isOver: () => boolean): boolean {
    return this.#filtered.advance(isOver);
  }

  /** Places `[from, to)` of the filtered list, as far as there are any. */
  rows(from: number, to: number): readonly MessageRow[] {
    const { list } = this.#filtered;
    const rows: MessageRow[] = [];
    for (let index = Math.max(0, from); index < Math.min(to, list.length); index++) {
      const message = this.#table.message(list.at(index) ?? 0);
      if (message) rows.push(this.#row(message));
    }
    return rows;
  }

  /** The message with this key, whether the filter lets it through or not. */
  row(key: string): MessageRow | undefined {
    const message = this.#find(key);
    return message && this.#row(message);
  }

  /**
   * Its place in the filtered list. `not listed`: the filter does not let it through, or it is gone; `undecided`:
   * the filter has not come that far.
   */
  place(key: string): number | 'not listed' | 'undecided' {
    const message = this.#find(key);
    if (!message) return 'not listed';
    const index = this.#filtered.list.indexOf(message.order);
    if (index !== -1) return index;
    return this.#filtered.hasSeen(message.order) ? 'not listed' : 'undecided';
  }

  /** The message that holds the first byte of this stretch. */
  holding({ connection, direction, start }: StreamRange): MessageRow | undefined {
    const message = this.#connections
      .get(connection)
      ?.messages.find(
        ({ message }) => message.direction === direction && message.start <= start && start < message.end,
      );
    return message && this.#row(message);
  }

  /** What was on the wire first, then what it completes or contains; empty when it is gone. */
  dissect(key: string): readonly Dissection[] {
    const message = this.#find(key);
    return message ? explainFully(message) : [];
  }

  /** What changed in the list of connections since the last call. */
  takeConnectionChanges(): ConnectionChanges {
    return this.#list.takeChanges();
  }

  #applyWire(event: WireEvent): void {
    const change = this.#connections.apply(event);
    if (!change) return;
    for (const message of change.messages) {
      if (!this.#table.put(message)) this.#filtered.touch(message.order);
    }
    for (const message of change.dropped) this.#drop(message);
    // Another lane may be one that the filter asks for.
    if (this.#list.note(change.connection)) this.#touchAll(change.connection);
    for (const gone of change.forgotten) {
      for (const message of gone.messages) this.#drop(message);
      this.#list.forget(gone);
    }
  }

  #drop(message: WireMessage): void {
    if (this.#table.remove(message.order)) this.#filtered.drop(message.order);
  }

  #touchAll(connection: WireConnection): void {
    for (const message of connection.messages) this.#filtered.touch(message.order);
  }

  #startOver(epoch: number): void {
    this.#epoch = epoch;
    this.#turn += 1;
    this.#connections = new Connections();
    this.#table = new RowTable();
    this.#list = new ConnectionList(this.#connections);
    this.#filtered = this.#startFilter();
  }

  #startFilter(): FilteredRows {
    const list = this.#list;
    return new FilteredRows(this.#table, (id: ConnectionId) => list.facts(id), this.#filter);
  }

  #find(key: string): WireMessage | undefined {
    return this.#connections.get(Number(key.slice(0, key.indexOf(':'))))?.byKey(key);
  }

  #row(message: WireMessage): MessageRow {
    const { host, lane } = this.#list.facts(message.connection.id) ?? { host: '', lane: 'other' };
    return { ...message.view(), index: this.#table.rank(message.order), host, lane };
  }
}
