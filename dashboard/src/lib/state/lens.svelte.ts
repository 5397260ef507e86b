import type { Dissection } from '#dissectors/field.ts';
import type { LentProgress } from '#folds/lent-capture.ts';
import type { LentRecord } from '#folds/lent-record.ts';
import type { ToldCounts } from '#folds/lent-told.ts';
import type { FromWorker, LentLook, LentState } from '../../worker/messages.ts';
import type { InspectorWorker } from './inspector-worker.ts';
import { LentRecords } from './lent-records.ts';

/** Whose eyes: the stranger has no key; the ends have told theirs. `victim` is called *Browser* on screen. */
export type LensName = 'stranger' | 'victim' | 'site';

/** Opening takes this long before the page says how far it is. */
const PATIENCE_MS = 1000;

/**
 * Whose keys are lent, and what they opened. The keys and the opening are the worker's; here is what is shown of it,
 * and nothing of that is left once they are taken back.
 */
export class Lens {
  lens = $state<LensName>('stranger');
  told = $state.raw<ToldCounts>();
  progress = $state.raw<LentProgress>();
  isBusy = $state(false);
  isSlow = $state(false);
  look = $state.raw<{ readonly key: string; readonly dissections: readonly Dissection[] }>();

  readonly #join: (listen: (message: FromWorker) => void) => InspectorWorker;
  readonly #epoch: () => number | undefined;
  #worker: InspectorWorker | undefined;
  readonly #records = new LentRecords();
  /** Counts up when the records change. */
  #version = $state(0);
  #turn = 0;
  #lookTurn = 0;
  #looked: string | undefined;
  #last: Exclude<LensName, 'stranger'> = 'site';
  #alarm: ReturnType<typeof setTimeout> | undefined;

  /** `epoch`: of the capture that the page shows now, in which keys are lent. */
  constructor(
    join: (listen: (message: FromWorker) => void) => InspectorWorker,
    epoch: () => number | undefined = () => undefined,
  ) {
    this.#join = join;
    this.#epoch = epoch;
  }

  record(key: string): LentRecord | undefined {
    return this.#version === 0 ? undefined : this.#records.get(key);
  }

  lend(lens: LensName): void {
    if (lens === this.lens) return;
    this.#forget();
    this.lens = lens;
    this.#turn += 1;
    if (lens === 'stranger') {
      this.#worker?.post({ type: 'lend', turn: this.#turn });
      this.#post();
    } else {
      this.#last = lens;
      this.isBusy = true;
      this.#worker ??= this.#join(this.#listen);
      const epoch = this.#epoch();
      const where = epoch === undefined ? {} : { epoch };
      this.#worker.post({ type: 'lend', turn: this.#turn, lender: lens, ...where });
      this.#post();
      this.#alarm = setTimeout(() => (this.isSlow = this.isBusy), PATIENCE_MS);
    }
  }

  toggle(): void {
    this.lend(this.lens === 'stranger' ? this.#last : 'stranger');
  }

  /** For a new capture, and for the end of this one. */
  takeBack(): void {
    this.lend('stranger');
    this.told = undefined;
  }

  lookAt(key: string | undefined): void {
    if (key === this.#looked) return;
    this.#looked = key;
    this.look = undefined;
    this.#post();
  }

  /** Ends the worker's work for it; to be called once, when the page goes. */
  stop(): void {
    clearTimeout(this.#alarm);
    this.#worker?.stop();
  }

  readonly #listen = (message: FromWorker): void => {
    if (message.type === 'lent' && message.turn === this.#turn) this.#take(message);
    if (message.type === 'look' && message.turn === this.#lookTurn) this.#takeLook(message);
  };

  #take({ lender, told, progress, isBusy, records }: LentState): void {
    if (this.lens !== 'stranger' && lender === undefined) {
      // A new capture began where the log is read.
      this.#forget();
      this.lens = 'stranger';
    }
    if (this.lens === 'stranger') return;
    this.told = told;
    this.progress = progress;
    this.isBusy = isBusy;
    if (!isBusy) this.isSlow = false;
    this.#records.take(records);
    if (records.length > 0) this.#version += 1;
  }

  #takeLook({ key, dissections }: LentLook): void {
    if (this.lens !== 'stranger' && key === this.#looked) this.look = { key, dissections };
  }

  #post(): void {
    this.#lookTurn += 1;
    const key = this.lens === 'stranger' ? undefined : this.#looked;
    this.#worker?.post({ type: 'look', turn: this.#lookTurn, ...(key !== undefined && { key }) });
  }

  #forget(): void {
    clearTimeout(this.#alarm);
    this.#records.clear();
    this.#version = 0;
    this.#lookTurn += 1;
    this.look = undefined;
    this.progress = undefined;
    this.isBusy = false;
    this.isSlow = false;
  }
}
