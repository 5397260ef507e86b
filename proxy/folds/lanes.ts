import { Lane } from './lane.ts';
import { place, type Placement } from './placement.ts';
import { asideReason, type LaneName } from './traffic.ts';
import type { ConnectionView, MessageView, ParkedConnection } from './view.ts';
import type { Connections, Change } from './connections.ts';
import type { WireConnection } from './wire-connection.ts';

/** Sorts connections into lanes and parks the rest, event by event. Nothing is in neither place. */
export class Lanes {
  readonly #connections: Connections;
  readonly #lanes: Readonly<Record<LaneName, Lane>> = { http: new Lane(), https: new Lane() };
  readonly #places = new Map<WireConnection, Placement>();
  readonly #parked = new Set<WireConnection>();
  /** Shown connections with messages that are parked. */
  readonly #split = new Set<WireConnection>();
  /** Shown, and might still turn out to be spare. */
  readonly #undecided = new Set<WireConnection>();
  readonly #busy = new Set<WireConnection>();
  #other: readonly ParkedConnection[] | undefined = [];

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  lane(name: LaneName): Lane {
    return this.#lanes[name];
  }

  laneOf(connection: WireConnection): LaneName | undefined {
    return this.#places.get(connection)?.lane;
  }

  /** Returns the lanes that look different now. */
  apply({ connection, messages, dropped, forgotten }: Change): ReadonlySet<LaneName> {
    const changed = new Set<LaneName>();
    this.#place(connection, changed);
    const lane = this.laneOf(connection);
    if (lane) this.#lanes[lane].drop(dropped);
    for (const message of messages) {
      if (lane) this.#lanes[lane].list(message);
      if (asideReason(message.message) !== undefined) this.#split.add(connection);
    }
    if (this.#parked.has(connection) || this.#split.has(connection)) this.#other = undefined;
    for (const gone of forgotten) this.#forget(gone, changed);
    return changed;
  }

  /** Parked connections and parked messages, by time; the same list until one of them changes. */
  other(): readonly ParkedConnection[] {
    return (this.#other ??= [...new Set([...this.#parked, ...this.#split])]
      .map((connection) => this.#parkedView(connection))
      .sort((one, other) => one.openedAt - other.openedAt || one.connection - other.connection));
  }

  #forget(connection: WireConnection, changed: Set<LaneName>): void {
    const lane = this.laneOf(connection);
    if (lane) {
      this.#lanes[lane].forget(connection);
      changed.add(lane);
    }
    this.#other = undefined;
    this.#places.delete(connection);
    for (const set of [this.#parked, this.#split, this.#undecided, this.#busy]) set.delete(connection);
  }

  #place(connection: WireConnection, changed: Set<LaneName>): void {
    const before = this.#places.get(connection);
    const after = place(connection, {
      tlsRoute: this.#connections.tlsRoute(connection),
      hasBusySibling: () => this.#lanes.https.hasBusySibling(connection),
    });
    this.#places.set(connection, after);
    if (before?.lane) changed.add(before.lane);
    if (after.lane) changed.add(after.lane);
    if (before?.lane && before.lane !== after.lane) this.#lanes[before.lane].leave(connection);
    if (after.lane) this.#lanes[after.lane].join(connection);
    this.#showOrPark(connection, after);
    if (connection.traffic.carriesRequest && !this.#busy.has(connection))
      this.#becameBusy(connection, after, changed);
  }

  #showOrPark(connection: WireConnection, { lane, parked }: Placement): void {
    const undecided = parked === undefined && !connection.traffic.carriesRequest;
    if (undecided) this.#undecided.add(connection);
    else this.#undecided.delete(connection);
    // Without a lane there is nowhere to show it.
    if (parked === undefined && lane) {
      if (this.#parked.delete(connection)) this.#other = undefined;
      this.#lanes[lane].show(connection);
    } else {
      this.#parked.add(connection);
      this.#other = undefined;
      if (lane) this.#lanes[lane].hide(connection);
    }
  }

  #becameBusy(connection: WireConnection, { lane }: Placement, changed: Set<LaneName>): void {
    this.#busy.add(connection);
    if (!lane) return;
    this.#lanes[lane].markBusy(connection);
    for (const other of [...this.#undecided]) this.#place(other, changed);
  }

  #parkedView(connection: WireConnection): ParkedConnection {
    const view: ConnectionView = connection.view();
    const parked = this.#parked.has(connection);
    const shown = parked
      ? connection.messages
      : connection.messages.filter(({ message }) => asideReason(message) !== undefined);
    const messages: MessageView[] = shown.map((message) => message.view());
    const aside = shown[0] && asideReason(shown[0].message);
    const reason =
      (parked ? this.#places.get(connection)?.parked : aside) ?? 'Neither HTTP nor TLS was seen on it.';
    return { ...view, reason, messages };
  }
}
