import type { AttackId, AttackInfo, AttackLane, AttackRun, AttackVerdict, CircumstanceKey } from '#contract';
import { ATTACKS } from './all.ts';
import type { Attack, AttackLab } from './attack.ts';
import { Watch } from './watch.ts';

/** The attack does not run now; the caller can do something about it. */
export class AttackRefusal extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

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
  readonly #armed = new Set<AttackId>();
  #underWay: UnderWay | undefined;
  #suspensions = 0;

  constructor(lab: AttackLab, all: readonly Attack[] = ATTACKS) {
    this.#lab = lab;
    this.#all = all;
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
    const armed = this.#all.find((each) => this.#armed.has(each.id));
    if (!armed) return;
    const message = `“${armed.title}” is armed, and would act on the victim of this run too.`;
    throw new AttackRefusal('attack-armed', message, `POST /api/attacks/${armed.id}/disarm first.`);
  }

  /** From now on it acts on whoever comes, the demo browser too. Nothing happens when it is armed already. */
  arm(id: AttackId): AttackInfo {
    const attack = this.#find(id);
    if (attack.armed === undefined) {
      const message = `“${attack.title}” cannot wait for whoever comes.`;
      throw new AttackRefusal('cannot-be-armed', message, `POST /api/attacks/${id}/run does it at once.`);
    }
    this.#refuseWhileSuspended();
    this.#refuseWhileRunning();
    if (!this.#armed.has(id)) {
      this.#armed.add(id);
      this.#lab.log.append({ type: 'attack-armed', vantage: 'wire', attack: id });
      this.#lab.gate.arm(attack.armed());
    }
    return this.#info(attack);
  }

  /** From now on everything passes as it is. Nothing happens when it is not armed. */
  disarm(id: AttackId): AttackInfo {
    const attack = this.#find(id);
    if (this.#armed.delete(id)) {
      this.#lab.gate.disarm(id);
      this.#lab.log.append({ type: 'attack-disarmed', vantage: 'wire', attack: id });
    }
    return this.#info(attack);
  }

  /** Disarms all, and breaks off the one that runs; resolves when it has closed what it had opened. */
  async abandon(): Promise<void> {
    for (const id of [...this.#armed]) this.disarm(id);
    if (!this.#underWay) return;
    const { abort, over } = this.#underWay;
    abort.abort(Object.assign(new Error('The lab was reset.'), { code: 'reset' }));
    await over.catch(() => undefined);
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

  #info(attack: Attack): AttackInfo {
    const { id, title, plan, seconds, armed, circumstance } = attack;
    const state = { canBeArmed: armed !== undefined, isArmed: this.#armed.has(id), whileArmed: {} };
    return { id, title, plan, ...state, seconds, ...(circumstance && { circumstance }) };
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
      return { id: attack.id, ...(under === undefined ? {} : { under }), ...verdicts };
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
