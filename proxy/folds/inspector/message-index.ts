import { isWireEvent, type ConnectionId, type LogEvent, type WireEvent } from '#contract';
import type { Dissection } from '#dissectors/field.ts';
import { Connections } from '../connections.ts';
import { explainFully } from '../explain.ts';
import { LentCapture, type LentProgress } from '../lent-capture.ts';
import type { LentRecord } from '../lent-record.ts';
import { KeysTold, type Lender, type ToldCounts } from '../lent-told.ts';
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
 *
 * Keys of an end can be lent to it and taken back; what they open stands beside what was on the wire (`lent`), and
 * a new epoch takes them back.
 */
export class InspectorIndex {
  #epoch = 0;
  #turn = 0;
  #filter: MessageFilter = {};
  #told = new KeysTold();
  #lender: Lender | undefined;
  /** The capture that they are lent in. */
  #lentEpoch = 0;
  #lent: LentCapture | undefined;
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
    return this.#filtered.isUpToDate && (this.#lent?.isUpToDate ?? true);
  }

  /** Whose keys are lent. */
  get lender(): Lender | undefined {
    return this.#lender;
  }

  /** How many connections each end has told keys of, lent or not. */
  get told(): ToldCounts {
    return this.#told.counts;
  }

  /** Undefined while no key is lent. */
  get lentProgress(): LentProgress | undefined {
    return this.#lent?.progress;
  }

  /** Names of servers, in the order of the alphabet; the same list until one comes or goes. */
  get hosts(): readonly string[] {
    return this.#list.hosts;
  }

  apply(event: LogEvent): void {
    if (event.epoch !== this.#epoch || event.type === 'epoch-started') this.#startOver(event.epoch);
    if (isWireEvent(event)) this.#applyWire(event);
    const told = this.#told.apply(event);
    if (told && event.vantage === this.#lender) this.#lent?.keyTold(told);
  }

  /**
   * Lends the keys that this end told and will tell; none of any end when it is undefined. `epoch`: in which capture, the one
   * that is here unless told; until that has begun here, nothing is opened.
   */
  lend(lender: Lender | undefined, epoch = this.#epoch): void {
    this.#lender = lender;
    this.#lentEpoch = epoch;
    const isHere = this.#epoch === 0 || epoch === this.#epoch;
    // All that was opened hangs on this one object.
    this.#lent =
      lender && isHere ? new LentCapture(this.#told.of(lender), this.#connections.all()) : undefined;
    this.#filtered = this.#startFilter();
  }

  setFilter(filter: MessageFilter): void {
    this.#filter = filter;
    this.#filtered = this.#startFilter();
  }

  /** Lets the filter follow until it is up to date or `isOver` says that the time is up; true in the first case. */
  advance(isOver: () => boolean): boolean {
    const isOpen = this.#lent?.advance(isOver) ?? true;
    return this.#filtered.advance(isOver) && isOpen;
  }

  /** The records of which a lent key showed something since the last call, by key. */
  takeLentChanges(): readonly { readonly key: string; readonly lent: LentRecord | undefined }[] {
    const changed = this.#lent?.takeChanges() ?? [];
    for (const { order } of changed) this.#filtered.touch(order);
    return changed.map((message) => ({ key: message.key, lent: this.#lent?.record(message) }));
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

  /** What was on the wire first, then what it completes or contains, then what lent keys open; empty when it is gone. */
  dissect(key: string): readonly Dissection[] {
    const message = this.#find(key);
    return message ? [...explainFully(message), ...(this.#lent?.dissections(message) ?? [])] : [];
  }

  /** What lent keys show inside a message; empty while none do. */
  dissectInside(key: string): readonly Dissection[] {
    const message = this.#find(key);
    return (message && this.#lent?.dissections(message)) ?? [];
  }

  /**
   * Messages of each connection that the filter lets through; the same object until that changes. Undefined where the
   * filter narrows nothing, or to one connection.
   */
  get matchesPerConnection(): ReadonlyMap<ConnectionId, number> | undefined {
    return this.#filtered.perConnection;
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
    this.#lent?.note(change.connection);
    for (const gone of change.forgotten) {
      for (const message of gone.messages) this.#drop(message);
      this.#list.forget(gone);
      this.#lent?.forget(gone);
      this.#told.forget(gone.id);
    }
  }

  #drop(message: WireMessage): void {
    this.#lent?.drop(message);
    if (this.#table.remove(message.order)) this.#filtered.drop(message.order, message.connection.id);
  }

  #touchAll(connection: WireConnection): void {
    for (const message of connection.messages) this.#filtered.touch(message.order);
  }

  #startOver(epoch: number): void {
    // Lent before anything was known, the same capture sent again, or lent where this one, or one behind it, had begun already.
    const isMeant = this.#epoch === 0 || epoch === this.#epoch || epoch <= this.#lentEpoch;
    const lender = isMeant ? this.#lender : undefined;
    this.#epoch = epoch;
    this.#turn += 1;
    this.#connections = new Connections();
    this.#table = new RowTable();
    this.#list = new ConnectionList(this.#connections);
    this.#told = new KeysTold();
    this.lend(lender, Math.max(epoch, this.#lentEpoch));
  }

  #startFilter(): FilteredRows {
    const list = this.#list;
    const lent = this.#lent;
    return new FilteredRows(
      this.#table,
      (id: ConnectionId) => list.facts(id),
      this.#filter,
      (message, beyond) => lent?.text(message, beyond),
    );
  }

  #find(key: string): WireMessage | undefined {
    return this.#connections.get(Number(key.slice(0, key.indexOf(':'))))?.byKey(key);
  }

  #row(message: WireMessage): MessageRow {
    const { host, lane } = this.#list.facts(message.connection.id) ?? { host: '', lane: 'other' };
    const lent = this.#lent?.record(message);
    return {
      ...message.view(),
      ...{ index: this.#table.rank(message.order), host, lane },
      ...(lent && { lent }),
    };
  }
}
