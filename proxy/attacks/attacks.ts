import type { AttackId, AttackInfo, AttackLane, AttackRun, AttackVerdict, CircumstanceKey } from '#contract';
import { ATTACKS } from './all.ts';
import { ArmedAttacks } from './armed-attacks.ts';
import type { Attack, AttackLab } from './attack.ts';
import { AttackRefusal } from './attack-refusal.ts';
import { Watch } from './watch.ts';

interface UnderWay {
  readonly attack: Attack;
  readonly abort: AbortController;
  readonly over: Promise<AttackRun>;
}

const lanes = ['http', 'https'] as const satisfies readonly AttackLane[];

/** Runs the attacks, one at a time and one lane after the other, so that what the site counts belongs to one of them. */
export class Attacks {
  readonly #lab: AttackLab;
  readonly #all: readonly Attack[];
  readonly #armed: ArmedAttacks;
  readonly #changed: () => void;
  /** The newest run of each, in one capture. */
  #runs: { readonly epoch: number; readonly newest: ReadonlyMap<AttackId, AttackRun> } | undefined;
  #underWay: UnderWay | undefined;
  #suspensions = 0;

  /** `changed` is called whenever `list` answers something else than before. */
  constructor(lab: AttackLab, all: readonly Attack[] = ATTACKS, changed: () => void = () => undefined) {
    this.#lab = lab;
    this.#all = all;
    this.#changed = changed;
    this.#armed = new ArmedAttacks(lab, changed);
  }

  list(): readonly AttackInfo[] {
    return this.#all.map((attack) => this.#info(attack));
  }

  /** Rejects with an `AttackRefusal` while another runs or is armed and when it is abandoned, else with what went wrong. */
  async run(id: AttackId, under?: CircumstanceKey): Promise<AttackRun> {
    const attack = this.#find(id);
    this.#refuseWhileSuspended();
    this.assertIdle();
    const abort = new AbortController();
    const over = this.#carryOut(attack, under, abort.signal);
    this.#underWay = { attack, abort, over };
    return over.finally(() => (this.#underWay = undefined));
  }

  /** Throws an `AttackRefusal` while one runs or is armed: it would act on whatever else the victim does then. */
  assertIdle(): void {
    this.#refuseWhileRunning();
    const armed = this.#armed.first;
    if (!armed) return;
    const message = `“${armed.title}” is armed, and would act on the victim of this run too.`;
    throw new AttackRefusal('attack-armed', message, `POST /api/attacks/${armed.id}/disarm first.`);
  }

  /**
   * From now on it acts on whoever comes, the demo browser too. Nothing happens when it is armed already. Rejects with an
   * `AttackRefusal` while one runs, and when it is disarmed before it waits; else with what went wrong.
   */
  async arm(id: AttackId, under?: CircumstanceKey): Promise<AttackInfo> {
    const attack = this.#find(id);
    if (attack.arm === undefined) {
      const message = `“${attack.title}” cannot wait for whoever comes.`;
      throw new AttackRefusal('cannot-be-armed', message, `POST /api/attacks/${id}/run does it at once.`);
    }
    this.#refuseWhileSuspended();
    this.#refuseWhileRunning();
    await this.#armed.arm(attack, under);
    return this.#info(attack);
  }

  /** Everything passes as it is from now on. Nothing happens when it is not armed. */
  async disarm(id: AttackId): Promise<AttackInfo> {
    const attack = this.#find(id);
    await this.#armed.disarm(id);
    return this.#info(attack);
  }

  /** Disarms all, and breaks off the one that runs; resolves when all that they had opened is closed. */
  async abandon(): Promise<void> {
    await Promise.all([this.#armed.disarmAll(), this.#breakOff()]);
  }

  /** Until it has settled none is run or armed: it would be part of neither the capture that ends nor the next one. */
  async whileSuspended<Result>(act: () => Promise<Result>): Promise<Result> {
    this.#suspensions += 1;
    try {
      return await act();
    } finally {
      this.#suspensions -= 1;
    }
  }

  #keep(run: AttackRun): void {
    const { epoch } = this.#lab.log;
    const earlier = this.#runs?.epoch === epoch ? this.#runs.newest : [];
    this.#runs = { epoch, newest: new Map([...earlier, [run.id, run]]) };
    this.#changed();
  }

  async #breakOff(): Promise<void> {
    if (!this.#underWay) return;
    const { abort, over } = this.#underWay;
    abort.abort(Object.assign(new Error('The lab was reset.'), { code: 'reset' }));
    await over.catch(() => undefined);
  }

  #info(attack: Attack): AttackInfo {
    const { id, title, plan, seconds, arm, circumstance } = attack;
    const { epoch } = this.#lab.log;
    // What was run in another capture is no verdict of this one.
    const lastRun = this.#runs?.epoch === epoch ? this.#runs.newest.get(id) : undefined;
    return {
      ...{ id, title, plan, canBeArmed: arm !== undefined, seconds },
      ...this.#armed.info(id),
      ...(circumstance && { circumstance }),
      ...(lastRun && { lastRun }),
    };
  }

  #find(id: AttackId): Attack {
    const attack = this.#all.find((known) => known.id === id);
    if (!attack) throw new Error(`there is no attack ${id}`);
    return attack;
  }

  #refuseWhileSuspended(): void {
    if (this.#suspensions === 0) return;
    throw new AttackRefusal('reset', 'The lab is being reset.', 'Try again in a moment.');
  }

  #refuseWhileRunning(): void {
    if (!this.#underWay) return;
    const message = `“${this.#underWay.attack.title}” is running.`;
    throw new AttackRefusal('attack-running', message, 'Wait until it is over, or reset the lab.');
  }

  async #carryOut(
    attack: Attack,
    under: CircumstanceKey | undefined,
    signal: AbortSignal,
  ): Promise<AttackRun> {
    const { epoch } = this.#lab.log;
    const verdicts: Partial<Record<AttackLane, AttackVerdict>> = {};
    try {
      for (const lane of lanes) {
        const defence = attack.plan[lane] === undefined ? undefined : attack.defence[lane];
        if (defence === undefined) continue;
        const watch = new Watch(this.#lab.log);
        verdicts[lane] = {
          ...(await attack.attempt({ lab: this.#lab, lane, under, watch, signal })),
          defence,
        };
        signal.throwIfAborted();
        if (epoch !== this.#lab.log.epoch) throw new Error('the capture it was carried out in is over');
      }
      const { lastSeq } = this.#lab.log;
      const run = { id: attack.id, ...(under === undefined ? {} : { under }), lastSeq, ...verdicts };
      this.#keep(run);
      return run;
    } catch (error) {
      if (signal.aborted)
        throw new AttackRefusal('reset', 'The lab was reset meanwhile.', 'Run the attack again.');
      if (epoch !== this.#lab.log.epoch) {
        const message = 'Another capture began meanwhile.';
        throw new AttackRefusal('capture-over', message, 'Go back to live, and run it again.');
      }
      throw error;
    } finally {
      this.#lab.gate.disarm(attack.id);
    }
  }
}
