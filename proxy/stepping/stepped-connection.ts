import type { BytesCaptured, Direction, HeldUnit, SteppingLane } from '#contract';
import { ConnectionDissector } from '#dissectors/connection.ts';
import type { Message } from '#dissectors/message.ts';
import type { Visitor } from '../relay/gate.ts';
import { SteppedDirection } from './stepped-direction.ts';
import { unitText, type Unit } from './unit.ts';

const directions = ['client-to-server', 'server-to-client'] as const satisfies readonly Direction[];

/** A held unit with its place among those of all connections. */
export interface OrderedUnit {
  readonly order: number;
  readonly connection: SteppedConnection;
  readonly direction: Direction;
  readonly unit: HeldUnit;
}

/** A connection of which nothing goes on by itself. */
export class SteppedConnection {
  readonly #visitor: Visitor;
  #dissector: ConnectionDissector | undefined = new ConnectionDissector();
  readonly #sides: Readonly<Record<Direction, SteppedDirection>>;

  /** `before` is what was captured of this connection so far, in order: it tells where units begin. */
  constructor(visitor: Visitor, before: Iterable<BytesCaptured>) {
    this.#visitor = visitor;
    this.#sides = {
      'client-to-server': new SteppedDirection(visitor.valves['client-to-server']),
      'server-to-client': new SteppedDirection(visitor.valves['server-to-client']),
    };
    const touched = new Set<Message>();
    for (const { direction, offset, bytes } of before) {
      for (const message of this.#dissect(direction, offset, bytes)) touched.add(message);
    }
    for (const direction of directions) {
      const own = [...touched].filter((message) => message.direction === direction);
      this.#sides[direction].resumed(own);
    }
  }

  get lane(): SteppingLane {
    return laneOf(this.#visitor);
  }

  arrived(direction: Direction, offset: number, bytes: Uint8Array, order: number): void {
    const touched = this.#dissect(direction, offset, bytes);
    this.#sides[direction].arrived(
      touched.filter((message) => message.direction === direction),
      order,
    );
  }

  next(direction: Direction): void {
    this.#sides[direction].next();
  }

  /** Lets everything go, and holds nothing any more. */
  open(): void {
    for (const direction of directions) this.#sides[direction].open();
  }

  /** The units that are held in each direction, in order, `most` of them at most. */
  held(most: number): readonly OrderedUnit[] {
    return directions.flatMap((direction) =>
      this.#sides[direction].units(most).map((unit) => ({
        order: unit.order,
        connection: this,
        direction,
        unit: this.#told(unit, direction),
      })),
    );
  }

  #told(unit: Unit, direction: Direction): HeldUnit {
    const { start, end, complete } = unit;
    const place = { connection: this.#visitor.connection, direction, lane: this.lane };
    return { ...place, offset: start, bytes: end - start, complete, unit: unitText(unit, direction) };
  }

  #dissect(direction: Direction, offset: number, bytes: Uint8Array): readonly Message[] {
    try {
      return this.#dissector?.push(direction, offset, bytes, 0) ?? [];
    } catch (error) {
      // A dissector can be wrong; what it no longer tells apart goes on chunk by chunk.
      this.#dissector = undefined;
      process.emitWarning(`stepping lost count of a connection: ${String(error)}`);
      return [];
    }
  }
}

export function laneOf({ tls }: Pick<Visitor, 'tls'>): SteppingLane {
  return tls ? 'https' : 'http';
}
