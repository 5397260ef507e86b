import type { AttackActed, AttackId, AttackInfo, AttackLane, AttackRun, CircumstanceKey } from '#contract';
import type { AttackPredictions, Expectation } from '../../format/attacks/words.ts';

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
  /** What the stranger changed on the way, oldest first; the newest of them only. */
  readonly deeds: readonly AttackActed[];
  /** Those of them that were done while armed, to whoever came. */
  readonly armedDeeds: readonly AttackActed[];
  predict(id: AttackId, lane: AttackLane, expected: Expectation): void;
  run(id: AttackId, under?: CircumstanceKey): Promise<void>;
  runAll(): Promise<void>;
  /** Of those that run one after the other, the one that runs is the last. */
  stopAfterThis(): void;
  arm(id: AttackId, isArmed: boolean): Promise<void>;
}
