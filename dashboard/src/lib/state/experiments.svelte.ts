import type { ExperimentId, ExperimentInfo, ExperimentProgress, ExperimentRun } from '#contract';
import { askLab } from './ask-lab.ts';
import type { Notices } from './notices.svelte.ts';

const LIST_FAILURE = 'The lab did not say which experiments there are';
const RUN_FAILURE = 'The experiment gave no result';

/** The experiments of the lab: which there are, which one runs and how far it has come, and what came out. */
export class ExperimentsState {
  list = $state.raw<readonly ExperimentInfo[]>([]);
  /** The one that runs, whoever started it. */
  running = $state<ExperimentId>();
  /** Of the one that runs; undefined until it tells anything. */
  progress = $state.raw<ExperimentProgress>();
  /** The newest result of each. */
  results = $state.raw<Readonly<Partial<Record<ExperimentId, ExperimentRun>>>>({});
  readonly #notices: Notices;
  /** Counts captures: what was begun in an earlier one has no result in this one. */
  #turn = 0;
  #isAsking = false;

  constructor(notices: Notices) {
    this.#notices = notices;
  }

  async load(): Promise<void> {
    const answer = await askLab<{ experiments: readonly ExperimentInfo[] }>({
      ...{ method: 'GET', path: '/api/experiments', failure: LIST_FAILURE, notices: this.#notices },
    });
    if (answer) this.list = answer.experiments;
  }

  /** Runs it unless one runs already; what goes wrong becomes a notice, and its result of before stays. */
  async run(id: ExperimentId): Promise<void> {
    if (this.running !== undefined) return;
    const turn = this.#turn;
    this.running = id;
    this.progress = undefined;
    this.#isAsking = true;
    const result = await askLab<ExperimentRun>({
      ...{ method: 'POST', path: `/api/experiments/${id}/run`, failure: RUN_FAILURE, notices: this.#notices },
      // That a reset ended it is no news to whoever reset.
      isStale: () => turn !== this.#turn,
    });
    if (turn !== this.#turn) return;
    this.#isAsking = false;
    this.running = undefined;
    this.progress = undefined;
    if (result) this.results = { ...this.results, [id]: result };
  }

  /** Hears how far one has come, also one that somebody else started; its end is told as `done` 1. */
  told(progress: ExperimentProgress): void {
    if (this.#isAsking) {
      if (progress.id === this.running) this.progress = progress;
      return;
    }
    const isOver = progress.done >= 1;
    this.running = isOver ? undefined : progress.id;
    this.progress = isOver ? undefined : progress;
  }

  /** Nothing of an earlier capture is a result of this one. */
  clear(): void {
    this.#turn += 1;
    this.#isAsking = false;
    this.running = undefined;
    this.progress = undefined;
    this.results = {};
  }
}
