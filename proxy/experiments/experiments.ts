import type { ExperimentId, ExperimentInfo, ExperimentProgress, ExperimentRun, Measures } from '#contract';
import { EXPERIMENTS } from './all.ts';
import type { Experiment, ExperimentLab } from './experiment.ts';

/** The experiment does not run now; the caller can do something about it. */
export class ExperimentRefusal extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

interface UnderWay {
  readonly experiment: Experiment;
  readonly abort: AbortController;
  readonly over: Promise<ExperimentRun>;
}

const HELD = 'Everything is held by stepping: let it through.';
// How soon whoever waits is told that stepping is why.
const lookMilliseconds = 500;

/** Runs the experiments, one at a time: each measures what crosses, and two would measure each other. */
export class Experiments {
  readonly #lab: ExperimentLab;
  readonly #tell: (progress: ExperimentProgress) => void;
  readonly #all: readonly Experiment[];
  #underWay: UnderWay | undefined;

  /** `tell` hears how far one has come, and `done` 1 when it is over, however it ended. */
  constructor(
    lab: ExperimentLab,
    tell: (progress: ExperimentProgress) => void,
    all: readonly Experiment[] = EXPERIMENTS,
  ) {
    this.#lab = lab;
    this.#tell = tell;
    this.#all = all;
  }

  list(): readonly ExperimentInfo[] {
    return this.#all.map(({ id, title, about, seconds }) => ({ id, title, about, seconds }));
  }

  /** Rejects with an `ExperimentRefusal` while another runs or when it is abandoned, else with what went wrong. */
  async run(id: ExperimentId): Promise<ExperimentRun> {
    const experiment = this.#all.find((known) => known.id === id);
    if (!experiment) throw new Error(`there is no experiment ${id}`);
    this.assertIdle();
    const abort = new AbortController();
    const over = this.#carryOut(experiment, abort);
    this.#underWay = { experiment, abort, over };
    return over.finally(() => (this.#underWay = undefined));
  }

  /** Throws an `ExperimentRefusal` while one runs: whatever else crosses then would be measured with it. */
  assertIdle(): void {
    if (!this.#underWay) return;
    const message = `“${this.#underWay.experiment.title}” is running.`;
    throw new ExperimentRefusal('experiment-running', message, 'Wait until it is over, or reset the lab.');
  }

  /** Breaks off the one that runs; resolves when it has closed what it had opened. */
  async abandon(): Promise<void> {
    if (!this.#underWay) return;
    const { abort, over } = this.#underWay;
    abort.abort(Object.assign(new Error('The lab was reset.'), { code: 'reset' }));
    await over.catch(() => undefined);
  }

  async #carryOut(experiment: Experiment, abort: AbortController): Promise<ExperimentRun> {
    const { id } = experiment;
    const { signal } = abort;
    const { log } = this.#lab;
    const { epoch } = log;
    // What it goes on to do would stand in a capture that it is no part of.
    const unsubscribe = log.subscribe(() => {
      if (log.epoch !== epoch) abort.abort(new Error('the capture it was measured in is over'));
    });
    let newest: Omit<ExperimentProgress, 'id'> = { done: 0, doing: 'It begins.' };
    let wasHeld = false;
    const tell = () => {
      wasHeld = this.#lab.isStepping();
      if (!signal.aborted)
        this.#tell({ id, ...newest, ...(wasHeld && { doing: `${newest.doing} ${HELD}` }) });
    };
    const look = setInterval(() => {
      if (this.#lab.isStepping() !== wasHeld) tell();
    }, lookMilliseconds);
    const progress = (done: number, doing: string, measures?: Measures) => {
      // Its end is told once, below.
      newest = { done: Math.min(Math.max(done, 0), 0.99), doing, ...(measures && { measures }) };
      tell();
    };
    tell();
    try {
      const result = await experiment.run({ lab: this.#lab, signal, progress });
      signal.throwIfAborted();
      return { id, ...result };
    } catch (error) {
      if (epoch !== log.epoch) {
        const message = 'Another capture began meanwhile.';
        throw new ExperimentRefusal('capture-over', message, 'Go back to live, and run it again.');
      }
      if (signal.aborted)
        throw new ExperimentRefusal('reset', 'The lab was reset meanwhile.', 'Run the experiment again.');
      throw error;
    } finally {
      unsubscribe();
      clearInterval(look);
      this.#tell({ id, done: 1, doing: 'It is over.' });
    }
  }
}
