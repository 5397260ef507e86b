import type { ByteRange, Dissection } from '#dissectors/field.ts';
import type { ConnectionRow, MessageFilter, MessageRow } from '#folds/inspector/shapes.ts';
import type { StreamRange } from '#folds/view.ts';
import type { FromWorker, ListState, RowWindow, Selection } from '../../worker/messages.ts';
import { ConnectionRows } from './connection-rows.ts';
import { startInspectorWorker, type InspectorWorker } from './inspector-worker.ts';

/** Rows asked for beyond each end of what is on screen, so that scrolling finds them loaded. */
const MARGIN = 80;
const NO_ROWS: RowWindow = { from: 0, rows: [] };

/**
 * The inspector's state. Its work is done by a worker, which follows the log itself from the first opening on; what
 * is asked of it here is answered within a few frames.
 */
export class Inspector {
  isOpen = $state(false);
  /** All messages of the capture. */
  total = $state(0);
  /** Those that the filter lets through, so far. */
  matching = $state(0);
  /** History is still coming in, or the filter has not come to the end of it. */
  isCatchingUp = $state(true);
  /** By the time of their opening. */
  connections = $state.raw<readonly ConnectionRow[]>([]);
  /** Messages of each connection that the filter lets through; undefined while it narrows nothing, or to one of them. */
  matches = $state.raw<ReadonlyMap<number, number>>();
  hosts = $state.raw<readonly string[]>([]);
  filter = $state.raw<MessageFilter>({});
  /** The loaded stretch of the filtered list; what `show` asked for, and some more. */
  rows = $state.raw<RowWindow>(NO_ROWS);
  /** Follows `selectedIndex` as soon as it is there, together with its dissections. */
  selected = $state.raw<MessageRow>();
  /** In the filtered list; undefined too while the filter has not come to the selected message. */
  selectedIndex = $state<number>();
  /** Of `selected`; the first is the wire. */
  dissections = $state.raw<readonly Dissection[]>();
  /** Bytes of the first dissection to point at; each `turn` once. */
  focus = $state.raw<{ readonly range: ByteRange; readonly turn: number }>();

  readonly #start: typeof startInspectorWorker;
  #worker: InspectorWorker | undefined;
  readonly #connections = new ConnectionRows();
  #filterTurn = 0;
  #selectionTurn = 0;
  #focusTurn = 0;
  #asked = { from: 0, to: 0 };

  constructor(start = startInspectorWorker) {
    this.#start = start;
  }

  /** Opens it, at a message or at a stretch of one; that message is found whatever the filter was. */
  open(at?: StreamRange): void {
    this.isOpen = true;
    const worker = (this.#worker ??= this.#start(this.#listen));
    worker.post({ type: 'watch', isWatched: true });
    if (!at) return;
    if (Object.keys(this.filter).length > 0) this.setFilter({});
    this.#unselect();
    worker.post({ type: 'find', turn: this.#selectionTurn, at: plain(at) });
  }

  close(): void {
    this.isOpen = false;
    this.#worker?.post({ type: 'watch', isWatched: false });
  }

  /** Keeps the selection when it still matches. */
  setFilter(filter: MessageFilter): void {
    this.filter = filter;
    this.#filterTurn += 1;
    this.rows = NO_ROWS;
    this.matches = undefined;
    this.matching = 0;
    this.isCatchingUp = true;
    this.selectedIndex = undefined;
    this.#worker?.post({ type: 'filter', turn: this.#filterTurn, filter: { ...filter } });
  }

  /** Places `[from, to)` of the filtered list are on screen now. */
  show(from: number, to: number): void {
    const asked = this.#asked;
    const isAhead = asked.from === 0 || from - MARGIN / 2 >= asked.from;
    if (from >= asked.from && isAhead && to + MARGIN / 2 <= asked.to) return;
    this.#asked = { from: Math.max(0, from - MARGIN), to: to + MARGIN };
    this.#worker?.post({ type: 'show', ...this.#asked });
  }

  /** Selects by place in the filtered list. */
  select(index: number): void {
    if (index < 0 || index >= this.matching) return;
    this.#selectionTurn += 1;
    this.selectedIndex = index;
    // The list may have moved since the row was loaded; what was pointed at is meant.
    const key = this.rows.rows[index - this.rows.from]?.key;
    this.#worker?.post({
      type: 'select',
      turn: this.#selectionTurn,
      index,
      ...(key !== undefined && { key }),
    });
  }

  /** Ends the worker; to be called once, when the page goes. */
  stop(): void {
    this.#worker?.stop();
    this.isOpen = false;
  }

  readonly #listen = (message: FromWorker): void => {
    if (message.type === 'list') this.#takeList(message);
    else if (message.type === 'selection' && message.turn === this.#selectionTurn)
      this.#takeSelection(message);
  };

  #takeList({ turn, total, matching, isCatchingUp, rows, connections, hosts, matches }: ListState): void {
    this.total = total;
    if (connections) {
      this.#connections.take(connections);
      this.connections = this.#connections.list;
    }
    if (hosts) this.hosts = hosts;
    // Told before the worker heard of the present filter.
    if (turn !== this.#filterTurn) return;
    this.matching = matching;
    this.isCatchingUp = isCatchingUp;
    if (rows) this.rows = rows;
    if (matches) this.matches = matches;
  }

  #takeSelection({ row, index, dissections, focus }: Selection): void {
    const isOther = row?.key !== this.selected?.key;
    this.selected = row;
    this.selectedIndex = index;
    if (!row) this.dissections = undefined;
    else if (dissections) this.dissections = dissections;
    if (focus) this.focus = { range: focus, turn: ++this.#focusTurn };
    else if (isOther) this.focus = undefined;
  }

  #unselect(): void {
    this.#selectionTurn += 1;
    this.selected = undefined;
    this.selectedIndex = undefined;
    this.dissections = undefined;
    this.focus = undefined;
  }
}

// What comes out of a component may be a proxy, which no worker can be sent.
function plain({ connection, direction, start, end }: StreamRange): StreamRange {
  return { connection, direction, start, end };
}
