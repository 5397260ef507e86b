import type { ConnectionId } from '#contract';
import type { WireMessage } from '../wire-message.ts';
import { RowList } from './row-list.ts';
import type { RowTable } from './row-table.ts';
import type { MessageFilter } from './shapes.ts';
import { type Searched, type TextInside, TextSearch } from './text-search.ts';

/** What a filter asks of a connection. */
export type ConnectionFacts = (
  id: ConnectionId,
) => { readonly host: string; readonly lane: string } | undefined;

// A row that is told by its columns costs less than a look at the clock; one whose bytes are searched costs more.
const ROWS_PER_LOOK = 64;

/**
 * The rows that a filter lets through, found step by step from the first on, so that whoever asks is never kept
 * waiting. Rows that come later, and rows that changed, are looked at by the next step.
 */
export class FilteredRows {
  readonly #table: RowTable;
  readonly #facts: ConnectionFacts;
  readonly #filter: MessageFilter;
  readonly #search: TextSearch | undefined;
  readonly #list = new RowList();
  readonly #counts = new Map<ConnectionId, number>();
  #perConnection: ReadonlyMap<ConnectionId, number> | undefined;
  /** Rows before this one have been looked at. */
  #cursor = 0;
  readonly #again = new Set<number>();
  #hasGone = false;

  constructor(table: RowTable, facts: ConnectionFacts, filter: MessageFilter, inside: TextInside) {
    this.#table = table;
    this.#facts = facts;
    this.#filter = filter;
    this.#search = filter.text ? new TextSearch(filter.text, inside) : undefined;
  }

  /** What is known so far, without rows that are gone. */
  get list(): RowList {
    if (this.#hasGone) this.#list.keep((row) => this.#table.message(row) !== undefined);
    this.#hasGone = false;
    return this.#list;
  }

  /**
   * How many of them each connection has, as far as is known; the same object until that changes. Undefined where the
   * filter asks for a connection by itself, or for nothing.
   */
  get perConnection(): ReadonlyMap<ConnectionId, number> | undefined {
    const { connection, ...others } = this.#filter;
    if (connection !== undefined || Object.keys(others).length === 0) return undefined;
    return (this.#perConnection ??= new Map(this.#counts));
  }

  get isUpToDate(): boolean {
    return this.#again.size === 0 && this.#cursor >= this.#table.end;
  }

  /** Whether it is decided if the row is one of them. */
  hasSeen(row: number): boolean {
    return row < this.#cursor && !this.#again.has(row);
  }

  /** The row's message changed. */
  touch(row: number): void {
    if (row < this.#cursor) this.#again.add(row);
  }

  /** The row's message, of this connection, is gone. */
  drop(row: number, connection: ConnectionId): void {
    if (this.#list.indexOf(row) !== -1) this.#count(connection, -1);
    this.#again.delete(row);
    this.#search?.forget(row);
    this.#hasGone = true;
  }

  /** Goes on until every row was looked at or `isOver` says that the time is up; true in the first case. */
  advance(isOver: () => boolean): boolean {
    let untilLook = ROWS_PER_LOOK;
    for (const row of this.#again) {
      if (!this.#decide(row, isOver)) return false;
      this.#again.delete(row);
      if (--untilLook > 0) continue;
      if (isOver()) return this.isUpToDate;
      untilLook = ROWS_PER_LOOK;
    }
    this.#cursor = this.#table.nextHeld(this.#cursor);
    while (this.#cursor < this.#table.end) {
      if (!this.#decide(this.#cursor, isOver)) return false;
      this.#cursor += 1;
      if (--untilLook > 0) continue;
      if (isOver()) return this.isUpToDate;
      untilLook = ROWS_PER_LOOK;
      this.#cursor = this.#table.nextHeld(this.#cursor);
    }
    return true;
  }

  /** False when the time is up before it is decided. */
  #decide(row: number, isOver: () => boolean): boolean {
    const message = this.#table.message(row);
    const searched = message && this.#isWanted(row) ? this.#searchText(message, isOver) : 'absent';
    if (searched === 'unfinished') return false;
    const connection = this.#table.connection(row);
    if (searched === 'found' && this.#list.add(row)) this.#count(connection, 1);
    // A row that is gone was counted off when it went.
    if (searched === 'absent' && this.#list.remove(row) && message) this.#count(connection, -1);
    return true;
  }

  #count(connection: ConnectionId, by: 1 | -1): void {
    this.#counts.set(connection, (this.#counts.get(connection) ?? 0) + by);
    this.#perConnection = undefined;
  }

  #searchText(message: WireMessage, isOver: () => boolean): Searched {
    if (!this.#search) return 'found';
    for (;;) {
      const searched = this.#search.search(message);
      if (searched !== 'unfinished' || isOver()) return searched;
    }
  }

  #isWanted(row: number): boolean {
    const { host, lane, protocol, connection } = this.#filter;
    if (protocol !== undefined && !this.#table.speaks(row, protocol)) return false;
    if (connection !== undefined && this.#table.connection(row) !== connection) return false;
    if (host === undefined && lane === undefined) return true;
    const facts = this.#facts(this.#table.connection(row));
    return (host === undefined || facts?.host === host) && (lane === undefined || facts?.lane === lane);
  }
}
