import type { Message } from '#dissectors/message.ts';
import type { Valve } from '../relay/gate.ts';
import type { Unit } from './unit.ts';
import { UnitQueue } from './unit-queue.ts';

/** One direction of a connection that is let go unit by unit. */
export class SteppedDirection {
  readonly #valve: Valve;
  readonly #queue = new UnitQueue();
  /** Let through before its end had come: what is still to come of it goes on at once. */
  #passing: Message | undefined;

  /** Holds what comes from now on. */
  constructor(valve: Valve) {
    this.#valve = valve;
    valve.openTo(valve.captured);
  }

  arrived(messages: readonly Message[], order: number): void {
    this.#queue.arrived(messages, this.#valve.captured, order);
    const passing = this.#passing;
    if (passing === undefined) return;
    const isOver = this.#queue.isOver(passing);
    if (isOver) this.#passing = undefined;
    this.#pass(Math.max(passing.end, this.#valve.passed));
  }

  /** What was passed on before the stepping began: it may have left a message half-way. */
  resumed(messages: readonly Message[]): void {
    this.#queue.arrived(messages, this.#valve.captured, 0);
    this.#queue.passed(this.#valve.passed);
  }

  /** The units that are held, in order, `most` of them at most. */
  units(most: number): readonly Unit[] {
    if (this.#isEmpty) return [];
    const { passed, captured, lastWord } = this.#valve;
    const units = this.#queue.units(passed, captured, most);
    return units.map((unit) => (lastWord && unit.end === captured ? { ...unit, lastWord } : unit));
  }

  /** Lets one unit through; of one that is still arriving, the rest as well when it comes. */
  next(): void {
    const [unit] = this.units(1);
    if (unit === undefined) return;
    if (!unit.complete) this.#passing = unit.message;
    this.#pass(unit.end);
  }

  /** Holds nothing any more. */
  open(): void {
    this.#valve.openTo(Infinity);
  }

  #pass(position: number): void {
    this.#valve.openTo(position);
    this.#queue.passed(position);
  }

  get #isEmpty(): boolean {
    return this.#valve.isDead || this.#valve.passed === this.#valve.captured;
  }
}
