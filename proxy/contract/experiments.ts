export type ExperimentId =
  | 'keep-alive'
  | 'new-connection'
  | 'resumption-13'
  | 'resumption-12'
  | 'end-by-close'
  | 'end-by-timeout'
  | 'end-by-drop'
  | 'open-cards'
  | 'key-pairs'
  | 'race'
  | 'stolen-key';

/** One of `GET /api/experiments`. */
export interface ExperimentInfo {
  readonly id: ExperimentId;
  readonly title: string;
  /** What it does, in one sentence. */
  readonly about: string;
  /** Roughly how long it takes. */
  readonly seconds: number;
}

export type Measure =
  number | string | boolean | null | readonly Measure[] | { readonly [name: string]: Measure };
/** By name, with the unit in the name where there is one: `bytesSaved`, `milliseconds`. */
export type Measures = Readonly<Record<string, Measure>>;

/** `POST /api/experiments/ID/run`: what was measured, and the events of the log it was measured from. */
export interface ExperimentRun {
  readonly id: ExperimentId;
  /** What came out, in one sentence. */
  readonly outcome: string;
  readonly measures: Measures;
  /** Numbers of events, rising. */
  readonly events: readonly number[];
}

/** How far an experiment has come; told while it runs. */
export interface ExperimentProgress {
  readonly id: ExperimentId;
  /** Between 0 and 1. */
  readonly done: number;
  readonly doing: string;
  /** What has been measured so far. */
  readonly measures?: Measures;
}
