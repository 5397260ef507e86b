import type { Direction } from '#contract';
import type { Gate, OpenVisitor, RewritingValve } from './gate.ts';

/**
 * Two gates as one: bytes go on when both let them. Each works as if it were alone; what the first has let go counts
 * as passed for it, though the second may still hold it. Both are shown what was captured, whatever the first makes of
 * it on the way.
 */
export function inTurn(first: Gate, second: Gate): Gate {
  return {
    admit(visitor) {
      const forward = new SharedValve(visitor.valves['client-to-server']);
      const back = new SharedValve(visitor.valves['server-to-client']);
      const guards = [first, second].map((gate, index) => {
        const valves = { 'client-to-server': forward.part(index), 'server-to-client': back.part(index) };
        return { valves, keeper: gate.admit({ ...visitor, valves } satisfies OpenVisitor) };
      });
      return {
        arrived(direction: Direction, offset, bytes) {
          for (const { valves, keeper } of guards)
            if (valves[direction].isHolding) keeper.arrived(direction, offset, bytes);
        },
        hungUp() {
          for (const { keeper } of guards) keeper.hungUp();
        },
        closed() {
          for (const { keeper } of guards) keeper.closed();
        },
      };
    },
  };
}

/** A valve with several hands on it: it opens as far as all of them let it. */
class SharedValve {
  readonly #valve: RewritingValve;
  readonly #parts: ValvePart[] = [];

  constructor(valve: RewritingValve) {
    this.#valve = valve;
  }

  part(index: number): ValvePart {
    const part = new ValvePart(this.#valve, () => this.#settle());
    this.#parts[index] = part;
    return part;
  }

  #settle(): void {
    this.#valve.openTo(Math.min(...this.#parts.map(({ limit }) => limit)));
  }
}

class ValvePart implements RewritingValve {
  readonly #valve: RewritingValve;
  readonly #settle: () => void;
  #limit = Infinity;

  constructor(valve: RewritingValve, settle: () => void) {
    this.#valve = valve;
    this.#settle = settle;
  }

  /** Up to where it lets bytes go on. */
  get limit(): number {
    return this.#limit;
  }

  get isHolding(): boolean {
    return this.#limit !== Infinity;
  }

  get captured(): number {
    return this.#valve.captured;
  }

  get passed(): number {
    return Math.min(this.#limit, this.captured);
  }

  get lastWord(): 'end' | 'reset' | undefined {
    return this.#valve.lastWord;
  }

  get isDead(): boolean {
    return this.#valve.isDead;
  }

  openTo(position: number): void {
    // What has been let go stays so.
    this.#limit = Math.max(position, this.passed);
    this.#settle();
  }

  replace(start: number, end: number, bytes: Uint8Array): void {
    this.#valve.replace(start, end, bytes);
  }
}
