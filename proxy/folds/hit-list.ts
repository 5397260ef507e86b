import type { BytesEvicted } from '#contract';
import type { LaneName } from './traffic.ts';
import type { Hit } from './view.ts';
import type { WireConnection } from './wire-connection.ts';

/** Places of a lane that are kept: more than anyone looks at. What was found beyond is counted, not kept. */
export const MOST_HITS = 1000;

interface Kept {
  /** Whatever the hit is of; it is forgotten with it. */
  readonly secret: object;
  readonly hit: Hit;
}

/** The newest places where secrets were found, a bounded number a lane: a body of nothing but `a` is full of `aaaa`. */
export class HitList {
  readonly #byLane = new Map<LaneName | undefined, Kept[]>();

  /** `lane` is where the connection counts at this moment; it may still change. */
  add(lane: LaneName | undefined, secret: object, hit: Hit): void {
    const kept = this.#byLane.get(lane) ?? [];
    kept.push({ secret, hit });
    // Twice as many at times, so that not every hit moves all the others.
    this.#byLane.set(lane, kept.length >= 2 * MOST_HITS ? kept.slice(-MOST_HITS) : kept);
  }

  /** Those on these connections, the newest `MOST_HITS` at most. */
  of(connections: Iterable<WireConnection>): readonly Hit[] {
    const ids = new Set(Array.from(connections, ({ id }) => id));
    const hits = [...this.#byLane.values()].flatMap((kept) => kept.map(({ hit }) => hit));
    return hits.filter(({ connection }) => ids.has(connection)).slice(-MOST_HITS);
  }

  /** Drops those of which no byte is left. */
  evict({ connection, direction, to }: BytesEvicted): void {
    this.#keep(({ hit }) => hit.connection !== connection || hit.direction !== direction || hit.end > to);
  }

  forgetSecret(secret: object): void {
    this.#keep((kept) => kept.secret !== secret);
  }

  #keep(isKept: (kept: Kept) => boolean): void {
    for (const [lane, kept] of this.#byLane) this.#byLane.set(lane, kept.filter(isKept));
  }
}
