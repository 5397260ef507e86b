import type { LogEvent } from '#contract';
import { InspectorIndex } from '#folds/inspector/message-index.ts';
import { LensDesk } from './lens-desk.ts';
import type { FromWorker, ListState, RowWindow, ToWorker } from './messages.ts';
import { isSameRow, SelectedMessage } from './selected-message.ts';

/** Shortest time between two tellings of what changed by itself. */
export const TELL_MS = 50;

/** What the desk is given by the worker it sits in. */
export interface Surroundings {
  readonly post: (message: FromWorker, transfer: ArrayBuffer[]) => void;
  /** Milliseconds, rising. */
  readonly now: () => number;
}

/** What the page knows already. */
interface Told {
  readonly list?: ListState;
  rows?: RowWindow;
  readonly hosts?: readonly string[];
  readonly matches?: ListState['matches'];
  readonly turn?: number;
}

/**
 * Answers what the page asks about the list of messages, and tells it what changes. Whatever the page asks is
 * answered at once, what changes by itself is told twenty times a second, and nothing while nobody watches.
 */
export class Desk {
  readonly #surroundings: Surroundings;
  readonly #index = new InspectorIndex();
  readonly #selected: SelectedMessage;
  readonly #lens: LensDesk;
  #isWatched = false;
  #filterTurn = 0;
  #window = { from: 0, to: 0 };
  #told: Told = {};
  #toldAt = -Infinity;
  #isAsked = false;
  #hasNews = false;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#selected = new SelectedMessage(this.#index, surroundings.post);
    this.#lens = new LensDesk(this.#index, surroundings);
  }

  /** The filter has not followed to the end of the list. */
  get isBusy(): boolean {
    return !this.#index.isUpToDate;
  }

  /** Something may have changed that is still to be told. */
  get owesNews(): boolean {
    return this.#lens.owesNews || (this.#isWatched && (this.#isAsked || this.#hasNews));
  }

  readonly apply = (event: LogEvent): void => {
    this.#hasNews = true;
    this.#index.apply(event);
  };

  receive(message: ToWorker): void {
    this.#isAsked = true;
    switch (message.type) {
      case 'watch':
        this.#isWatched = message.isWatched;
        break;
      case 'filter':
        this.#filterTurn = message.turn;
        this.#index.setFilter(message.filter);
        delete this.#told.rows;
        this.#selected.moved();
        break;
      case 'show':
        this.#window = { from: message.from, to: message.to };
        break;
      case 'select': {
        const { turn, index, key = this.#index.rows(index, index + 1)[0]?.key } = message;
        this.#selected.select(turn, key);
        break;
      }
      case 'find':
        this.#selected.find(message.turn, message.at);
        break;
      case 'lend':
        this.#lens.lend(message.turn, message.lender, message.epoch);
        delete this.#told.rows;
        this.#selected.moved();
        break;
      case 'look':
        this.#lens.look(message.turn, message.key);
    }
  }

  /** Lets the filter follow until `isOver`, then tells what is due. `isLive`: all of the log has been applied. */
  work(isOver: () => boolean, isLive: boolean): void {
    if (this.isBusy) this.#hasNews = true;
    const isUpToDate = this.#index.advance(isOver);
    this.#lens.tell(isLive && isUpToDate);
    if (!this.#isWatched || !(this.#isAsked || this.#hasNews)) return;
    const now = this.#surroundings.now();
    if (!this.#isAsked && now - this.#toldAt < TELL_MS) return;
    this.#isAsked = false;
    this.#hasNews = !isUpToDate;
    this.#toldAt = now;
    this.#tell(!isLive || !isUpToDate);
    this.#selected.tell();
  }

  #tell(isCatchingUp: boolean): void {
    const { total, matching, turn, hosts, matchesPerConnection: matches } = this.#index;
    const startsOver = turn !== this.#told.turn;
    const { changed, gone } = this.#index.takeConnectionChanges();
    const rows = this.#changedRows();
    const state: ListState = {
      type: 'list',
      turn: this.#filterTurn,
      ...{ total, matching, isCatchingUp },
      ...(rows && { rows }),
      ...((startsOver || changed.length > 0 || gone.length > 0) && {
        connections: { startsOver, changed, gone },
      }),
      ...(hosts !== this.#told.hosts && { hosts }),
      ...(matches && matches !== this.#told.matches && { matches }),
    };
    if (!this.#isNews(state)) return;
    this.#told = {
      list: state,
      hosts,
      turn,
      ...((rows ?? this.#told.rows) && { rows: rows ?? this.#told.rows }),
      ...(matches && { matches }),
    };
    this.#surroundings.post(state, []);
  }

  #isNews({ turn, total, matching, isCatchingUp, rows, connections, hosts, matches }: ListState): boolean {
    if (rows ?? connections ?? hosts ?? matches) return true;
    const told = this.#told.list;
    return (
      told?.turn !== turn ||
      told.total !== total ||
      told.matching !== matching ||
      told.isCatchingUp !== isCatchingUp
    );
  }

  #changedRows(): RowWindow | undefined {
    const { from, to } = this.#window;
    const window = { from, rows: this.#index.rows(from, to) };
    const told = this.#told.rows;
    const isSame =
      told?.from === from &&
      told.rows.length === window.rows.length &&
      window.rows.every((row, index) => isSameRow(row, told.rows[index]));
    return isSame ? undefined : window;
  }
}
