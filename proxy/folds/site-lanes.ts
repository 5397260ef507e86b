import { Lane } from './lane.ts';
import type { LaneName } from './traffic.ts';
import type { WireConnection } from './wire-connection.ts';

const LANE_NAMES: readonly LaneName[] = ['http', 'https'];

/** A lane for each protocol and site, and which site is shown: one at a time, so that the two lanes compare. */
export class SiteLanes {
  readonly #lanes: Readonly<Record<LaneName, Map<string, Lane>>> = { http: new Map(), https: new Map() };
  #chosen: string | undefined;
  /** Where the newest login went. */
  #login: string | undefined;
  #loginAt: number | undefined;

  /**
   * The site that is shown: the one chosen, else that of the newest login, else of the newest request; of those with
   * nothing to show only where no other has.
   */
  get site(): string | undefined {
    const shown = this.sites();
    const sites = shown.length > 0 ? shown : this.#all().map(({ site }) => site);
    const wanted = [this.#chosen, this.#login].find((site) => site !== undefined && sites.includes(site));
    return wanted ?? (shown.length > 1 ? this.#newest() : sites[0]);
  }

  /** Every site with something to show, in the order in which they came up. */
  sites(): readonly string[] {
    const shown = this.#all().filter((lane) => lane.shown.length > 0);
    return [...new Set(shown.map(({ site }) => site))];
  }

  /** Shows this site for as long as there is something of it; undefined leaves it to the newest login. */
  choose(site: string | undefined): void {
    this.#chosen = site;
  }

  /** A request on this connection was a login, or looked like one. */
  noteLogin(connection: WireConnection): void {
    this.#login = siteOf(connection);
    this.#loginAt = connection.opening.time;
  }

  /** When the connection of the newest login was opened, in nanoseconds since the epoch began. */
  get loginAt(): number | undefined {
    return this.#loginAt;
  }

  /** The lane of the site that is shown. */
  shown(name: LaneName): Lane {
    const site = this.site ?? '';
    return this.#lanes[name].get(site) ?? new Lane(site);
  }

  /** The lane of this connection's site. */
  of(connection: WireConnection, name: LaneName): Lane {
    const site = siteOf(connection);
    const known = this.#lanes[name].get(site);
    if (known) return known;
    const lane = new Lane(site);
    this.#lanes[name].set(site, lane);
    return lane;
  }

  /** All connections of the lane, whatever their site. */
  members(name: LaneName): readonly WireConnection[] {
    return [...this.#lanes[name].values()].flatMap((lane) => [...lane.members]);
  }

  /** What would be shown if its site were another than this. */
  elsewhere(site: string | undefined): readonly WireConnection[] {
    return this.#all().flatMap((lane) => (lane.site === site ? [] : lane.shown));
  }

  #all(): readonly Lane[] {
    return LANE_NAMES.flatMap((name) => [...this.#lanes[name].values()]);
  }

  #newest(): string | undefined {
    const newest = this.#all()
      .flatMap(({ shown }) => shown.findLast(({ traffic }) => traffic.carriesRequest) ?? shown.at(-1) ?? [])
      .reduce<WireConnection | undefined>(
        (best, next) => (best && isNewer(best, next) ? best : next),
        undefined,
      );
    return newest && siteOf(newest);
  }
}

/** By the name that its client gave the server, so that both of its lanes are one site. */
export function siteOf({ opening }: WireConnection): string {
  return opening.server.name;
}

/** One that carries a request is newer than any that does not. */
function isNewer(one: WireConnection, other: WireConnection): boolean {
  const { carriesRequest } = one.traffic;
  if (carriesRequest !== other.traffic.carriesRequest) return carriesRequest;
  return one.opening.time > other.opening.time;
}
