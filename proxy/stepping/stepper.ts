import type { BytesCaptured, ConnectionId, Stepping, SteppingLane, SteppingMode } from '#contract';
import type { CaptureLog } from '../capture/log.ts';
import type { Gate, GateKeeper, Visitor } from '../relay/gate.ts';
import { laneOf, SteppedConnection, type OrderedUnit } from './stepped-connection.ts';

const lanes = ['http', 'https'] as const satisfies readonly SteppingLane[];
const mostListed = 100;

/**
 * The gate of the relay: in a lane that is live it does nothing at all; in one that steps it holds what comes, and
 * each `next` lets one unit through. Where units end is told by the dissectors, which read beside the relay; a
 * connection that was live before is read from the log when stepping begins.
 */
export class Stepper implements Gate {
  readonly #log: CaptureLog;
  readonly #changed: () => void;
  readonly #modes: Record<SteppingLane, SteppingMode> = { http: 'live', https: 'live' };
  /** All that are open; with what steps them in a lane that steps. */
  readonly #connections = new Map<Visitor, SteppedConnection | undefined>();
  #arrivals = 0;

  /** `changed` is called whenever `state` would tell something new. */
  constructor(log: CaptureLog, changed: () => void = () => undefined) {
    this.#log = log;
    this.#changed = changed;
  }

  admit(visitor: Visitor): GateKeeper {
    const steps = this.#modes[laneOf(visitor)] === 'step';
    this.#connections.set(visitor, steps ? new SteppedConnection(visitor, []) : undefined);
    return {
      arrived: (direction, offset, bytes) => {
        this.#arrivals += 1;
        this.#connections.get(visitor)?.arrived(direction, offset, bytes, this.#arrivals);
        this.#changed();
      },
      hungUp: () => this.#changed(),
      closed: () => {
        this.#connections.delete(visitor);
        if (this.#modes[laneOf(visitor)] === 'step') this.#changed();
      },
    };
  }

  /** Holds from now on what comes in a lane, or lets everything go that was held there; both lanes unless told. */
  setMode(mode: SteppingMode, lane?: SteppingLane): void {
    const chosen = lanes.filter((each) => (lane ?? each) === each && this.#modes[each] !== mode);
    for (const each of chosen) this.#modes[each] = mode;
    this.#dropForgotten();
    const visitors = [...this.#connections.keys()].filter((visitor) => chosen.includes(laneOf(visitor)));
    if (mode === 'step') this.#hold(visitors);
    else this.#letGo(visitors);
    this.#changed();
  }

  /** Lets one unit through, the one that came first, of the lane; without one, of each lane that steps. */
  next(lane?: SteppingLane): void {
    this.#dropForgotten();
    for (const each of lanes) {
      if ((lane ?? each) !== each) continue;
      const [first] = this.#inOrder(1, each);
      first?.connection.next(first.direction);
    }
    this.#changed();
  }

  /** Whether any lane steps. */
  get isStepping(): boolean {
    return Object.values(this.#modes).includes('step');
  }

  state(): Stepping {
    const { http, https } = this.#modes;
    const mode = this.isStepping ? 'step' : 'live';
    return { mode, lanes: { http, https }, held: this.#inOrder(mostListed).map(({ unit }) => unit) };
  }

  /** What is held, in the order in which it came: `most` units at most. */
  #inOrder(most: number, lane?: SteppingLane): readonly OrderedUnit[] {
    return [...this.#connections.values()]
      .filter((connection) => connection !== undefined && connection.lane === (lane ?? connection.lane))
      .flatMap((connection) => connection?.held(most) ?? [])
      .sort((one, other) => one.order - other.order)
      .slice(0, most);
  }

  #hold(visitors: readonly Visitor[]): void {
    const before = this.#capturedOf(new Set(visitors.map(({ connection }) => connection)));
    for (const visitor of visitors) {
      this.#connections.set(visitor, new SteppedConnection(visitor, before.get(visitor.connection) ?? []));
    }
  }

  #letGo(visitors: readonly Visitor[]): void {
    for (const visitor of visitors) {
      this.#connections.get(visitor)?.open();
      this.#connections.set(visitor, undefined);
    }
  }

  #capturedOf(connections: ReadonlySet<ConnectionId>): ReadonlyMap<ConnectionId, readonly BytesCaptured[]> {
    const captured = new Map<ConnectionId, BytesCaptured[]>();
    if (connections.size === 0) return captured;
    for (const event of this.#log.after(0)) {
      if (event.type !== 'bytes-captured' || !connections.has(event.connection)) continue;
      const known = captured.get(event.connection);
      if (known) known.push(event);
      else captured.set(event.connection, [event]);
    }
    return captured;
  }

  /** A capture that began meanwhile, by an import say, knows nothing of what is held from before it. */
  #dropForgotten(): void {
    for (const visitor of this.#connections.keys()) if (visitor.epoch !== this.#log.epoch) visitor.drop();
  }
}
