import type { AttackId, AttackInfo, CircumstanceKey } from '#contract';
import type { Attack, AttackLab } from './attack.ts';
import { AttackRefusal } from './attack-refusal.ts';
import { ArmedAttack } from './armed-attack.ts';

/** What of `AttackInfo` is about waiting for whoever comes. */
type ArmedInfo = Pick<AttackInfo, 'isArmed' | 'whileArmed' | 'armedUnder' | 'whileArmedUnder'>;

/** The attacks that wait for whoever comes. All are disarmed when another capture begins. */
export class ArmedAttacks {
  readonly #lab: AttackLab;
  readonly #changed: () => void;
  /** Those that are being armed and disarmed too: what they have opened is open still. */
  readonly #held = new Map<AttackId, ArmedAttack>();
  /** Whatever was armed last, for its verdicts. */
  readonly #newest = new Map<AttackId, ArmedAttack>();
  #unsubscribe: (() => void) | undefined;

  /** `changed`: what is said of one is different now. */
  constructor(lab: AttackLab, changed: () => void) {
    this.#lab = lab;
    this.#changed = changed;
  }

  /** One that waits for whoever comes, is about to, or has not ended yet. */
  get first(): Attack | undefined {
    const [armed] = this.#held.values();
    return armed?.attack;
  }

  info(id: AttackId): ArmedInfo {
    const isArmed = this.#held.get(id)?.isWaiting ?? false;
    const newest = this.#newest.get(id);
    const whileArmed = newest?.verdicts ?? {};
    const under = newest?.under;
    return {
      ...{ isArmed, whileArmed },
      ...(isArmed && under !== undefined && { armedUnder: under }),
      ...(Object.keys(whileArmed).length > 0 && under !== undefined && { whileArmedUnder: under }),
    };
  }

  /** Resolves once it waits; at once when it does already. Rejects with an `AttackRefusal`, or with what went wrong. */
  async arm(attack: Attack, under: CircumstanceKey | undefined): Promise<void> {
    const held = this.#held.get(attack.id);
    if (held?.isEnding) {
      const message = `“${attack.title}” is just being disarmed.`;
      throw new AttackRefusal('attack-ending', message, 'Try again in a moment.');
    }
    if (held) {
      if (held.under !== under) throw armedOtherwise(attack);
      return held.waiting();
    }
    this.#refuseWherePlaceIsTaken(attack);
    const armed = new ArmedAttack({
      ...{ lab: this.#lab, attack, under, judged: this.#changed },
      failed: () => void this.disarm(attack.id),
    });
    this.#held.set(attack.id, armed);
    this.#newest.set(attack.id, armed);
    this.#watchCapture();
    try {
      await armed.waiting();
    } catch (error) {
      await this.#end(armed);
      throw error;
    }
    this.#changed();
  }

  /** Resolves when all that it had opened is closed; at once when it is not armed. */
  async disarm(id: AttackId): Promise<void> {
    const armed = this.#held.get(id);
    if (armed) await this.#end(armed);
  }

  async disarmAll(): Promise<void> {
    await Promise.all([...this.#held.values()].map((armed) => this.#end(armed)));
  }

  async #end(armed: ArmedAttack): Promise<void> {
    await armed.end();
    const { id } = armed.attack;
    if (this.#held.get(id) !== armed) return;
    this.#held.delete(id);
    if (this.#held.size === 0) {
      this.#unsubscribe?.();
      this.#unsubscribe = undefined;
    }
    this.#changed();
  }

  #refuseWherePlaceIsTaken({ title, place }: Attack): void {
    const other = [...this.#held.values()].find(({ attack }) => attack.place === place)?.attack;
    if (place === undefined || other === undefined) return;
    const message = `“${other.title}” is armed already and leads whoever asks for ${place} away, as “${title}” would.`;
    throw new AttackRefusal('place-taken', message, `POST /api/attacks/${other.id}/disarm first.`);
  }

  // What they go on to do would be part of neither the capture that they were armed in nor the next one.
  #watchCapture(): void {
    const { log } = this.#lab;
    this.#unsubscribe ??= log.subscribe(() => {
      for (const armed of this.#held.values()) if (armed.epoch !== log.epoch) void this.#end(armed);
    });
  }
}

function armedOtherwise({ title, id }: Attack): AttackRefusal {
  const message = `“${title}” is armed already, under another circumstance.`;
  return new AttackRefusal('attack-armed', message, `POST /api/attacks/${id}/disarm first.`);
}
