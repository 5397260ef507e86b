import type {
  AttackActed,
  AttackEvent,
  AttackId,
  AttackInfo,
  AttackLane,
  AttackRun,
  CircumstanceKey,
  EpochStarted,
} from '#contract';
import type { Guess } from '../format/attacks/listen-words.ts';
import type { AttackPredictions, Expectation, Guesses } from '../format/attacks/words.ts';
import { askLab } from './ask-lab.ts';
import { keepAnswers, keptAnswers } from './kept-answers.ts';
import type { Notices } from './notices.svelte.ts';

const LIST_FAILURE = 'The lab did not say which attacks there are';
const RUN_FAILURE = 'The attack gave no verdict';
const ARM_FAILURE = 'The attack could not be armed or disarmed';

/** An armed attack acts for as long as anybody browses; older deeds are in the log. */
const MOST_DEEDS = 200;

/** The bench of attacks: which there are, which is armed, which runs, what was expected and what came of it. */
export class AttacksState {
  isOpen = $state(false);
  list = $state.raw<readonly AttackInfo[]>([]);
  running = $state<AttackId>();
  isRunningAll = $state(false);
  /** The newest run of each, by what the lab tells and by what was answered here, whichever came first. */
  results = $state.raw<Readonly<Partial<Record<AttackId, AttackRun>>>>({});
  predictions = $state.raw<AttackPredictions>({});
  guesses = $state.raw<Guesses>({});
  deeds = $state.raw<readonly AttackActed[]>([]);
  armedDeeds = $state.raw<readonly AttackActed[]>([]);
  readonly armed = $derived(this.list.filter(({ isArmed }) => isArmed));
  /** The one whose result came last. */
  readonly newest = $derived(
    Object.values(this.results).toSorted((one, other) => other.lastSeq - one.lastSeq)[0]?.id,
  );
  readonly #notices: Notices;
  /** Tells the one that is shown from any other; undefined before it is known. */
  #capture: string | undefined;
  /** Counts captures: what was begun in an earlier one has no result in this one. */
  #turn = 0;
  /** As the log tells it: what happens afterwards is done to whoever comes. */
  #toldArmed: readonly AttackId[] = [];
  #loading: 'no' | 'yes' | 'and again' = 'no';
  /** Counts what was told over the socket: an answer that was asked for before may be older. */
  #heard = 0;

  constructor(notices: Notices) {
    this.#notices = notices;
  }

  open(): void {
    this.isOpen = true;
  }

  close(): void {
    this.isOpen = false;
  }

  /** Asks which there are and which are armed; asked meanwhile, it asks once more. */
  async load(): Promise<void> {
    if (this.#loading !== 'no') {
      this.#loading = 'and again';
      return;
    }
    this.#loading = 'yes';
    const heard = this.#heard;
    const answer = await askLab<{ attacks: readonly AttackInfo[] }>({
      ...{ method: 'GET', path: '/api/attacks', failure: LIST_FAILURE, notices: this.#notices },
    });
    if (answer && heard === this.#heard) this.#take(answer.attacks);
    const isStale = this.#isStale();
    this.#loading = 'no';
    if (isStale) await this.load();
  }

  /** The lab says how they all stand now: armed, disarmed, judged with whoever came, or run by whatever page. */
  hear(list: readonly AttackInfo[]): void {
    this.#heard += 1;
    this.#take(list);
  }

  predict(id: AttackId, lane: AttackLane, expected: Expectation): void {
    this.predictions = { ...this.predictions, [`${id}:${lane}`]: expected };
    this.#keepAnswers();
  }

  guess(riddle: string, guess: Guess): void {
    this.guesses = { ...this.guesses, [riddle]: guess };
    this.#keepAnswers();
  }

  /** The capture is shown that began then: what was said of it before a reload counts still. */
  began({ epoch, wallClock }: EpochStarted): void {
    const capture = `${String(epoch)} ${wallClock}`;
    if (capture === this.#capture) return;
    this.#capture = capture;
    const { predictions, guesses } = keptAnswers(capture);
    this.predictions = { ...predictions, ...this.predictions };
    this.guesses = { ...guesses, ...this.guesses };
    this.#keepAnswers();
  }

  /** Runs it on both lanes unless one runs already; what goes wrong becomes a notice. */
  async run(id: AttackId, under?: CircumstanceKey): Promise<void> {
    await this.#run(id, under);
  }

  /** All of them, one after the other, until one gives no verdict. */
  async runAll(): Promise<void> {
    if (this.running !== undefined || this.isRunningAll) return;
    const turn = this.#turn;
    this.isRunningAll = true;
    for (const { id } of this.list) {
      const isDone = await this.#run(id);
      if (turn !== this.#turn) return;
      if (!isDone || !this.#goesOn()) break;
    }
    this.isRunningAll = false;
  }

  stopAfterThis(): void {
    this.isRunningAll = false;
  }

  /** Arms it, where something can be made true for as long as it is armed under that; or disarms it. */
  async arm(id: AttackId, isArmed: boolean, under?: CircumstanceKey): Promise<void> {
    const path = `/api/attacks/${id}/${isArmed ? 'arm' : 'disarm'}`;
    const heard = this.#heard;
    const answer = await askLab({
      ...{ method: 'POST', path, failure: ARM_FAILURE, notices: this.#notices },
      body: under === undefined ? {} : { [under]: true },
    });
    if (!answer || heard !== this.#heard) return;
    this.list = this.list.map((info) => (info.id === id ? { ...info, isArmed } : info));
  }

  async disarmAll(): Promise<void> {
    for (const { id } of this.armed) await this.arm(id, false);
  }

  /** Hears what the log says of attacks: whoever armed one, everybody's page shows it. */
  told(event: AttackEvent): void {
    if (event.type === 'attack-acted') {
      this.deeds = [...this.deeds, event].slice(-MOST_DEEDS);
      if (this.#toldArmed.includes(event.attack)) {
        this.armedDeeds = [...this.armedDeeds, event].slice(-MOST_DEEDS);
      }
      return;
    }
    const others = this.#toldArmed.filter((id) => id !== event.attack);
    this.#toldArmed = event.type === 'attack-armed' ? [...others, event.attack] : others;
    void this.load();
  }

  /** Nothing of an earlier capture is a result of this one; which are armed is asked anew. */
  clear(): void {
    this.#turn += 1;
    this.#capture = undefined;
    // What was asked for before is answered of the earlier one.
    this.#heard += 1;
    this.running = undefined;
    this.isRunningAll = false;
    this.results = {};
    this.predictions = {};
    this.guesses = {};
    this.deeds = [];
    this.armedDeeds = [];
    this.#toldArmed = [];
    void this.load();
  }

  /** Whether there is a verdict of it now. */
  async #run(id: AttackId, under?: CircumstanceKey): Promise<boolean> {
    if (this.running !== undefined) return false;
    const turn = this.#turn;
    this.running = id;
    const result = await askLab<AttackRun>({
      ...{ method: 'POST', path: `/api/attacks/${id}/run`, failure: RUN_FAILURE, notices: this.#notices },
      body: under === undefined ? {} : { [under]: true },
      // That a reset ended it is no news to whoever reset.
      isStale: () => turn !== this.#turn,
    });
    if (turn !== this.#turn) return false;
    this.running = undefined;
    if (!result) return false;
    this.#keep([result]);
    return true;
  }

  #keepAnswers(): void {
    if (this.#capture !== undefined) keepAnswers(this.#capture, this);
  }

  #take(list: readonly AttackInfo[]): void {
    this.list = list;
    this.#keep(list.flatMap(({ lastRun }) => lastRun ?? []));
  }

  /** A list that was on its way while a run was answered does not know of it yet, and takes nothing back. */
  #keep(runs: readonly AttackRun[]): void {
    const newer = runs.filter(({ id, lastSeq }) => lastSeq > (this.results[id]?.lastSeq ?? -1));
    if (newer.length === 0) return;
    this.results = { ...this.results, ...Object.fromEntries(newer.map((run) => [run.id, run])) };
  }

  // Both are changed while an answer is waited for, which the compiler does not see where they are read.
  #isStale(): boolean {
    return this.#loading === 'and again';
  }

  #goesOn(): boolean {
    return this.isRunningAll;
  }
}
