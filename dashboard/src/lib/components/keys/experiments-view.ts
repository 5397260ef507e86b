import type { ExperimentId, ExperimentInfo, ExperimentProgress, ExperimentRun } from '#contract';

/** What is known of the experiments, and how one is started; where it comes from is not the tabs' to know. */
export interface ExperimentsView {
  readonly list: readonly ExperimentInfo[];
  readonly running: ExperimentId | undefined;
  readonly progress: ExperimentProgress | undefined;
  /** The newest of each. */
  readonly results: Readonly<Partial<Record<ExperimentId, ExperimentRun>>>;
  run(id: ExperimentId): Promise<void>;
}
