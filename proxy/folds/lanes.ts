import type { Lane } from './lane.ts';
import { place, type Placement } from './placement.ts';
import { isAfterPage } from './sealed-notebook.ts';
import { SiteLanes, siteOf } from './site-lanes.ts';
import { asideReason, type LaneName } from './traffic.ts';
import type { ConnectionView, MessageView, ParkedConnection } from './view.ts';
import type { Connections, Change } from './connections.ts';
import type { WireConnection } from './wire-connection.ts';

const ELSEWHERE = 'Another site than the one in the lanes, where it can be chosen.';

/**
 * Sorts connections into lanes, one a protocol and a site, and parks the rest, event by event. The lanes of one site
 * are shown at a time; what goes to the others stands with what is parked. Nothing is in neither place.
 */
export class Lanes {
  readonly #connections: Connections;
  readonly #lanes = new SiteLanes();
  readonly #places = new Map<WireConnection, Placement>();
  readonly #parked = new Set<WireConnection>();
  /** Shown connections with messages that are parked. */
  readonly #split = new Set<WireConnection>();
  /** Shown, and might still turn out to be spare. */
  readonly #undecided = new Set<WireConnection>();
  readonly #busy = new Set<WireConnection>();
  #other: { readonly site: string | undefined; readonly list: readonly ParkedConnection[] } | undefined;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** Which site is shown, and which could be. */
  get sites(): SiteLanes {
    return this.#lanes;
  }

  laneOf(connection: WireConnection): LaneName | undefined {
    return this.#places.get(connection)?.lane;
  }

  /** Returns the lanes that look different now. */
  apply({ connection, messages, dropped, forgotten }: Change): ReadonlySet<LaneName> {
    const changed = new Set<LaneName>();
    this.#place(connection, changed);
    const lane = this.#laneAt(connection, this.laneOf(connection));
    lane?.drop(dropped);
    for (const message of messages) {
      lane?.list(message);
      if (lane && isAfterPage(message)) this.#lanes.noteLogin(connection);
      if (asideReason(message.message) !== undefined) this.#split.add(connection);
    }
    const isElsewhere = this.#other?.site !== siteOf(connection);
    if (isElsewhere || this.#parked.has(connection) || this.#split.has(connection)) this.#other = undefined;
    for (const gone of forgotten) this.#forget(gone, changed);
    return changed;
  }

  /** What is parked, and what goes to other sites than the one shown; by time, the same list until that changes. */
  other(): readonly ParkedConnection[] {
    const { site } = this.#lanes;
    if (this.#other?.site !== site) this.#other = undefined;
    this.#other ??= { site, list: this.#listOther(site) };
    return this.#other.list;
  }

  #listOther(site: string | undefined): readonly ParkedConnection[] {
    const elsewhere = this.#lanes.elsewhere(site);
    return [...new Set([...this.#parked, ...this.#split, ...elsewhere])]
      .map((connection) => this.#parkedView(connection, site))
      .sort((one, other) => one.openedAt - other.openedAt || one.connection - other.connection);
  }

  #laneAt(connection: WireConnection, name: LaneName | undefined): Lane | undefined {
    return name === undefined ? undefined : this.#lanes.of(connection, name);
  }

  #forget(connection: WireConnection, changed: Set<LaneName>): void {
    const lane = this.laneOf(connection);
    if (lane) {
      this.#lanes.of(connection, lane).forget(connection);
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
      hasBusySibling: () => this.#lanes.of(connection, 'https').hasBusySibling(connection),
      hasBothLanes: () => this.#connections.hasBothLanes(connection),
    });
    this.#places.set(connection, after);
    if (before?.lane) changed.add(before.lane);
    if (after.lane) changed.add(after.lane);
    if (before?.lane !== after.lane) this.#laneAt(connection, before?.lane)?.leave(connection);
    this.#laneAt(connection, after.lane)?.join(connection);
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
      this.#lanes.of(connection, lane).show(connection);
    } else {
      this.#parked.add(connection);
      this.#other = undefined;
      this.#laneAt(connection, lane)?.hide(connection);
    }
  }

  #becameBusy(connection: WireConnection, { lane }: Placement, changed: Set<LaneName>): void {
    this.#busy.add(connection);
    if (!lane) return;
    this.#lanes.of(connection, lane).markBusy(connection);
    for (const other of [...this.#undecided]) this.#place(other, changed);
  }

  #parkedView(connection: WireConnection, site: string | undefined): ParkedConnection {
    const view: ConnectionView = connection.view();
    const parked = this.#parked.has(connection);
    const isElsewhere = !parked && siteOf(connection) !== site;
    const shown =
      parked || isElsewhere
        ? connection.messages
        : connection.messages.filter(({ message }) => asideReason(message) !== undefined);
    const messages: MessageView[] = shown.map((message) => message.view());
    const aside = isElsewhere ? ELSEWHERE : shown[0] && asideReason(shown[0].message);
    const reason =
      (parked ? this.#places.get(connection)?.parked : aside) ?? 'Neither HTTP nor TLS was seen on it.';
    return { ...view, reason, messages };
  }
}
