import type { BytesCaptured, BytesEvicted, Direction, SecretEntered, SecretKind, Verdict } from '#contract';
import { HitList } from './hit-list.ts';
import { NEEDLE_ENCODINGS } from './needles.ts';
import { Needle, NeedleSearch } from './needle-search.ts';
import { siteOf } from './site-lanes.ts';
import { isPasswordHash } from '#keys/password-hash.ts';
import type { LaneName } from './traffic.ts';
import type { Hit } from './view.ts';
import type { WireConnection } from './wire-connection.ts';

// A room full of people can type this many different secrets; every one costs a pass over the bytes.
const MOST_SECRETS = 64;
// A hash is made of the number that was typed with the password.
const MOST_MOBILES = 4;
const DIRECTIONS: readonly Direction[] = ['client-to-server', 'server-to-client'];

type LaneOf = (connection: WireConnection) => LaneName | undefined;

interface Sums {
  searchedBytes: number;
  found: number;
}

interface Search {
  /** Where hits count from now on: a lane is only known once the first bytes were seen. */
  lane: LaneName | undefined;
  readonly directions: Readonly<Record<Direction, NeedleSearch>>;
}

interface Searched {
  readonly site: string;
  readonly members: Iterable<WireConnection>;
}

interface Secret {
  readonly kind: SecretKind;
  readonly needle: Needle;
  /** What a page made of a password that was typed, and sent in its place. */
  readonly isHash: boolean;
  readonly searches: Map<WireConnection, Search>;
  /** What came of connections that are no longer known, by lane and site. */
  readonly past: Map<string, Sums>;
}

/**
 * Searches every captured byte for the secrets that were entered, in every encoding, including bytes captured
 * before. The only part of the folds that knows a secret; nothing of it reaches the notebook.
 */
export class Verdicts {
  /** Oldest entry first; entering a secret again makes it the newest. */
  #secrets: Secret[] = [];
  readonly #hits = new HitList();

  /** A new secret is searched for in all that is held; from now on in all that comes. */
  enter(event: SecretEntered, connections: Iterable<WireConnection>, laneOf: LaneOf): void {
    const known = this.#secrets.find(
      ({ kind, needle }) => kind === event.kind && needle.value === event.value,
    );
    const others = this.#secrets.filter((secret) => secret !== known);
    const secret = known ?? newSecret(event, this.#isHash(event));
    const secrets = [...others, secret];
    for (const old of secrets.splice(0, Math.max(0, secrets.length - MOST_SECRETS)))
      this.#hits.forgetSecret(old);
    this.#secrets = secrets;
    if (known) return;
    for (const connection of connections) {
      const { directions } = this.#search(secret, connection, laneOf(connection));
      for (const direction of DIRECTIONS) {
        for (const { offset, bytes } of connection.store(direction).chunks())
          directions[direction].push(offset, bytes);
      }
    }
  }

  capture(event: BytesCaptured, connection: WireConnection, lane: LaneName | undefined): void {
    for (const secret of this.#secrets) {
      this.#search(secret, connection, lane).directions[event.direction].push(event.offset, event.bytes);
    }
  }

  /** What was found stays counted; the places are gone with the bytes. */
  evict(event: BytesEvicted): void {
    this.#hits.evict(event);
  }

  /** Nothing is left of this connection of the lane but what it adds to the sums. */
  forget(connection: WireConnection, lane: LaneName | undefined): void {
    for (const { searches, past } of this.#secrets) {
      const search = searches.get(connection);
      if (search && lane) {
        const place = placeOf(lane, siteOf(connection));
        const sums = past.get(place) ?? { searchedBytes: 0, found: 0 };
        addTo(sums, search);
        past.set(place, sums);
      }
      searches.delete(connection);
    }
  }

  /** On the newest secret of the kind in the lane of one site; a needle too short to mean anything has no encodings. */
  verdict(kind: SecretKind, lane: LaneName, { site, members }: Searched): Verdict {
    const secret = this.#secrets.findLast((one) => one.kind === kind);
    if (!secret) return { searchedBytes: 0, encodings: NEEDLE_ENCODINGS, found: 0 };
    const sums: Sums = { searchedBytes: 0, found: 0, ...secret.past.get(placeOf(lane, site)) };
    for (const connection of members) {
      const search = secret.searches.get(connection);
      if (search) addTo(sums, search);
    }
    const encodings = secret.needle.searchable ? NEEDLE_ENCODINGS : [];
    return { needle: secret.needle.value, ...sums, encodings };
  }

  /** Whether the newest password, the one that a verdict is about, is a hash of what was typed. */
  get isNewestPasswordHash(): boolean {
    return this.#secrets.findLast(({ kind }) => kind === 'password')?.isHash ?? false;
  }

  /** The places of every secret entered on these connections, a bounded number of them. */
  hits(connections: Iterable<WireConnection>): readonly Hit[] {
    return this.#hits.of(connections);
  }

  // What the victim typed is told before the site can tell what it received.
  #isHash({ kind, vantage, value, isHash }: SecretEntered): boolean {
    if (kind !== 'password' || vantage !== 'site') return false;
    if (isHash) return true;
    const values = (of: SecretKind): readonly string[] =>
      this.#secrets.filter((secret) => secret.kind === of).map(({ needle }) => needle.value);
    return isPasswordHash(value, values('password'), values('mobile').slice(-MOST_MOBILES));
  }

  #search(secret: Secret, connection: WireConnection, lane: LaneName | undefined): Search {
    const known = secret.searches.get(connection);
    if (known) {
      known.lane = lane;
      return known;
    }
    const inDirection = (direction: Direction): NeedleSearch =>
      new NeedleSearch(secret.needle, ({ start, end }) => {
        const hit = { kind: secret.kind, connection: connection.id, direction, start, end };
        this.#hits.add(search.lane, secret, hit);
      });
    const search: Search = {
      lane,
      directions: {
        'client-to-server': inDirection('client-to-server'),
        'server-to-client': inDirection('server-to-client'),
      },
    };
    secret.searches.set(connection, search);
    return search;
  }
}

function newSecret({ kind, value }: SecretEntered, isHash: boolean): Secret {
  return { kind, isHash, needle: new Needle(value), searches: new Map(), past: new Map() };
}

function placeOf(lane: LaneName, site: string): string {
  return `${lane} ${site}`;
}

function addTo(sums: Sums, { directions }: Search): void {
  for (const direction of DIRECTIONS) {
    sums.searchedBytes += directions[direction].searchedBytes;
    sums.found += directions[direction].found;
  }
}
