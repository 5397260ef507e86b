import type { AttackLane, AttackVerdict, CircumstanceKey } from '#contract';
import type { Attack, AttackLab } from './attack.ts';
import { AttackRefusal } from './attack-refusal.ts';
import { Watch } from './watch.ts';

type Verdicts = Readonly<Partial<Record<AttackLane, AttackVerdict>>>;

export interface ArmedAttackOptions {
  readonly lab: AttackLab;
  readonly attack: Attack;
  readonly under: CircumstanceKey | undefined;
  /** It has judged. */
  readonly judged: () => void;
  /** It can't go on: whoever keeps it is to disarm it. */
  readonly failed: () => void;
}

/** One attack that waits for whoever comes, from being armed until all that it had opened is closed. */
export class ArmedAttack {
  readonly attack: Attack;
  readonly under: CircumstanceKey | undefined;
  readonly epoch: number;
  readonly #options: ArmedAttackOptions;
  readonly #abort = new AbortController();
  readonly #beginning: Promise<() => Promise<void>>;
  #ending: Promise<void> | undefined;
  #isWaiting = false;
  #verdicts: Verdicts = {};

  /** Begins at once. */
  constructor(options: ArmedAttackOptions) {
    this.#options = options;
    this.attack = options.attack;
    this.under = options.under;
    this.epoch = options.lab.log.epoch;
    this.#beginning = this.#begin();
    // Told of to whoever waits for it.
    this.#beginning.catch(() => undefined);
  }

  /** It waits for whoever comes, in the capture that is shown. */
  get isWaiting(): boolean {
    return this.#isWaiting && !this.isEnding && this.#isCurrent;
  }

  /** It was told to end, or has ended. */
  get isEnding(): boolean {
    return this.#abort.signal.aborted;
  }

  /** The newest of each lane; none once another capture is shown. */
  get verdicts(): Verdicts {
    return this.#isCurrent ? this.#verdicts : {};
  }

  /** Resolves once it waits. Rejects with what went wrong, or with an `AttackRefusal` where it was disarmed meanwhile. */
  async waiting(): Promise<void> {
    await this.#beginning;
    if (this.isEnding) throw disarmedMeanwhile();
  }

  /** Ends it, whether it waits already or not. Resolves when all that it had opened is closed, whatever went wrong. */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  get #isCurrent(): boolean {
    const { log } = this.#options.lab;
    return this.epoch === log.epoch && !log.isRecorded;
  }

  async #begin(): Promise<() => Promise<void>> {
    const { lab, attack, under } = this.#options;
    const { signal } = this.#abort;
    // Whoever keeps it has it by then, so that what fails at once is disarmed like anything else.
    await Promise.resolve();
    try {
      signal.throwIfAborted();
      if (attack.arm === undefined) throw new Error('it cannot be armed');
      const end = await attack.arm({
        ...{ lab, under, signal, watch: new Watch(lab.log) },
        judge: (lane, verdict) => this.#judge(lane, verdict),
        failed: (error) => this.#fail(error),
      });
      if (!signal.aborted) {
        this.#isWaiting = true;
        lab.log.append({ type: 'attack-armed', vantage: 'wire', attack: attack.id });
      }
      return end;
    } catch (error) {
      // Its own reason to stop, not a fault of it.
      throw signal.aborted ? disarmedMeanwhile() : error;
    }
  }

  async #end(): Promise<void> {
    const { attack, lab } = this.#options;
    this.#abort.abort(disarmedMeanwhile());
    const end = await this.#beginning.catch(() => undefined);
    try {
      await end?.();
    } catch (error) {
      process.emitWarning(`“${attack.title}” did not end as it should: ${String(error)}`);
    }
    // What it may have left there.
    lab.gate.disarm(attack.id);
    const wasWaiting = this.#isWaiting;
    this.#isWaiting = false;
    if (wasWaiting && this.#isCurrent)
      lab.log.append({ type: 'attack-disarmed', vantage: 'wire', attack: attack.id });
  }

  #judge(lane: AttackLane, verdict: Omit<AttackVerdict, 'defence'>): void {
    const { attack, judged } = this.#options;
    const defence = attack.defence[lane];
    if (this.isEnding || !this.#isCurrent || defence === undefined) return;
    this.#verdicts = { ...this.#verdicts, [lane]: { ...verdict, defence } };
    judged();
  }

  #fail(error: unknown): void {
    if (this.isEnding) return;
    process.emitWarning(`“${this.attack.title}” has failed and is disarmed: ${String(error)}`);
    this.#options.failed();
  }
}

function disarmedMeanwhile(): AttackRefusal {
  return new AttackRefusal('disarmed', 'It was disarmed meanwhile.', 'Arm it again.');
}
