import type { AttackActed, ConnectionId } from '#contract';
import type { Connections } from '../connections.ts';
import type { ConnectionView, StreamRange } from '../view.ts';
import { isLookup, lookupBefore } from './lookup.ts';
import { type Ladder, ladderOf, protocolOf } from './ladder.ts';
import type { ToldFailure } from './step.ts';

/** A connection that a ladder can be drawn of. */
export interface LadderEntry extends ConnectionView {
  /** `HTTP`, `TLS 1.3` …, as in `Ladder`. */
  readonly protocol: string;
  /** It looks names up for others. */
  readonly isLookup: boolean;
}

/** The ladders of a capture, drawn when they are asked for. */
export class Ladders {
  readonly #connections: Connections;
  readonly #told: readonly ToldFailure[];
  readonly #forged: readonly AttackActed[];

  /** `told` by the ends; `forged`: what the stranger told of look-ups that it answered. */
  constructor(connections: Connections, told: readonly ToldFailure[], forged: readonly AttackActed[]) {
    this.#connections = connections;
    this.#told = told;
    this.#forged = forged;
  }

  /** Connections that carried something or tried to, by the time of their opening. */
  entries(): readonly LadderEntry[] {
    return [...this.#connections.all()]
      .filter(({ bytes, closed }) => bytes > 0 || closed?.how === 'error')
      .map((wire) => ({ ...wire.view(), protocol: protocolOf(wire), isLookup: isLookup(wire) }))
      .sort((one, other) => one.openedAt - other.openedAt || one.connection - other.connection);
  }

  /** Undefined when there is no such connection, or nothing is left of it. `held`: what has not gone on. */
  of(id: ConnectionId, held: readonly StreamRange[] = []): Ladder | undefined {
    const wire = this.#connections.get(id);
    return (
      wire &&
      ladderOf(wire, {
        lookup: lookupBefore(wire, this.#connections.all()),
        held,
        isLedAway: this.#connections.isLedAway(wire),
        forged: this.#forged,
        told: this.#told.filter(({ connection }) => connection === id),
      })
    );
  }
}
