import type { InspectorIndex } from '#folds/inspector/message-index.ts';
import type { LentRecord } from '#folds/lent-record.ts';
import type { Lender } from '#folds/lent-told.ts';
import type { Surroundings } from './desk.ts';
import { ownBytes } from './selected-message.ts';

/** Shortest time between two tellings of what was opened. */
const TELL_MS = 50;
/** Records told at once: more of them would keep the page from its next frame. */
const MOST_TOLD = 2000;

/**
 * Lends keys and takes them back, and tells the page what they open: every record once it is read, and one of them
 * taken apart. Says nothing while no key is lent, and keeps nothing once they are taken back.
 */
export class LensDesk {
  readonly #index: InspectorIndex;
  readonly #surroundings: Surroundings;
  #turn = 0;
  #lookTurn = 0;
  #looked: string | undefined;
  #toldLook: LentRecord | undefined | 'never' = 'never';
  readonly #waiting = new Map<string, LentRecord | undefined>();
  #told = '';
  #toldAt = -Infinity;
  #isAsked = false;
  /** The page waits to hear that it is over. */
  #saidBusy = false;

  constructor(index: InspectorIndex, surroundings: Surroundings) {
    this.#index = index;
    this.#surroundings = surroundings;
  }

  get owesNews(): boolean {
    return this.#isAsked || this.#waiting.size > 0 || this.#saidBusy;
  }

  lend(turn: number, lender: Lender | undefined, epoch?: number): void {
    this.#turn = turn;
    this.#isAsked = true;
    this.#waiting.clear();
    this.#toldLook = 'never';
    this.#index.lend(lender, epoch);
  }

  look(turn: number, key: string | undefined): void {
    this.#lookTurn = turn;
    this.#looked = key;
    this.#toldLook = 'never';
    this.#isAsked = true;
  }

  /** Tells what is due; `isUpToDate`: there is nothing left to be opened. */
  tell(isUpToDate: boolean): void {
    for (const { key, lent } of this.#index.takeLentChanges()) this.#waiting.set(key, lent);
    if (this.#index.lender === undefined) this.#waiting.clear();
    const now = this.#surroundings.now();
    if (!this.#isAsked && now - this.#toldAt < TELL_MS) return;
    this.#isAsked = false;
    this.#toldAt = now;
    this.#tellState(!isUpToDate);
    this.#tellLook();
  }

  #tellState(isBusy: boolean): void {
    // A page that never lent a key is not told that none is.
    if (this.#turn === 0) return;
    const { lender, told, lentProgress: progress } = this.#index;
    const keys = [...this.#waiting.keys()].slice(0, MOST_TOLD);
    const records = keys.map((key) => {
      const lent = this.#waiting.get(key);
      this.#waiting.delete(key);
      return { key, ...(lent && { lent }) };
    });
    const state = {
      ...{ type: 'lent' as const, turn: this.#turn },
      ...(lender && { lender }),
      ...(progress && { progress }),
      told,
      isBusy: isBusy || this.#waiting.size > 0,
    };
    const said = JSON.stringify(state);
    if (said === this.#told && records.length === 0) return;
    this.#told = said;
    this.#saidBusy = state.isBusy;
    this.#surroundings.post({ ...state, records }, []);
  }

  #tellLook(): void {
    if (this.#looked === undefined) return;
    const lent = this.#index.row(this.#looked)?.lent;
    if (this.#toldLook !== 'never' && JSON.stringify(lent) === JSON.stringify(this.#toldLook)) return;
    this.#toldLook = lent;
    const dissections = this.#index.dissectInside(this.#looked).map(ownBytes);
    this.#surroundings.post(
      { type: 'look', turn: this.#lookTurn, key: this.#looked, dissections },
      dissections.map(({ bytes }) => bytes.buffer),
    );
  }
}
