import type {
  AttackActed,
  AttackId,
  AttackInfo,
  AttackLane,
  AttackRun,
  CircumstanceKey,
  ConnectionId,
} from '#contract';
import type { StreamRange } from '#folds/view.ts';
import type { KnownConnections } from '../../format/attacks/legs.ts';
import type { LadderPair } from '../../state/ladder.svelte.ts';
import type { Guess } from '../../format/attacks/listen-words.ts';
import type { AttackPredictions, Expectation, Guesses } from '../../format/attacks/words.ts';

/** The attacks and what came of them; where that comes from is not the board's to know. */
export interface AttacksView {
  readonly list: readonly AttackInfo[];
  readonly running: AttackId | undefined;
  /** They run one after the other. */
  readonly isRunningAll: boolean;
  /** The one whose result came last. */
  readonly newest: AttackId | undefined;
  /** The newest of each. */
  readonly results: Readonly<Partial<Record<AttackId, AttackRun>>>;
  readonly predictions: AttackPredictions;
  readonly guesses: Guesses;
  /** What the stranger changed on the way, oldest first; the newest of them only. */
  readonly deeds: readonly AttackActed[];
  /** Those of them that were done while armed, to whoever came. */
  readonly armedDeeds: readonly AttackActed[];
  predict(id: AttackId, lane: AttackLane, expected: Expectation): void;
  /** The answer of a riddle has been asked for. */
  guess(riddle: string, guess: Guess): void;
  run(id: AttackId, under?: CircumstanceKey): Promise<void>;
  runAll(): Promise<void>;
  /** Of those that run one after the other, the one that runs is the last. */
  stopAfterThis(): void;
  arm(id: AttackId, isArmed: boolean, under?: CircumstanceKey): Promise<void>;
}

/** How bytes of the capture, and what was told of them, are shown on the board, and looked at elsewhere. */
export interface BytesView {
  /** What may stand on the page of a text that crossed or was told. */
  readonly shown: (text: string) => string;
  readonly connections: KnownConnections;
  /** Shows bytes, or a connection, where every byte is explained. */
  readonly oninspect: (at: StreamRange | ConnectionId) => void;
  /** Shows connections as sequence diagrams side by side; absent where there are none. */
  readonly onladder?: ((pair: LadderPair) => void) | undefined;
}
