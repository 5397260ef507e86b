import type { AttackActed, BytesEvicted, ConnectionId, Direction, WireEvent } from '#contract';
import type { StreamRange } from './view.ts';

/** What the stranger said of bytes that it let go on as others: where they lie, which they were, what went on. */
export type ChangeOnTheWay = AttackActed & {
  readonly connection: ConnectionId;
  readonly direction: Direction;
  readonly offset: number;
};

/** By connection, oldest first; the same object until something changed. */
export type ChangedView = ReadonlyMap<ConnectionId, readonly ChangeOnTheWay[]>;

// More than anybody marks by hand; an armed attack can act on whoever comes for days.
const MOST_CHANGES = 1024;

/**
 * Which captured bytes did not arrive as they were captured, folded from wire events: the word of the stranger on its
 * own deeds. What was captured stays what the tap saw, before the stranger laid hands on it. A new epoch starts over.
 */
export class ChangedFold {
  #changes: readonly ChangeOnTheWay[] = [];
  #epoch = 0;
  #view: ChangedView | undefined;

  apply(event: WireEvent): void {
    if (event.type === 'epoch-started' || event.epoch !== this.#epoch) {
      this.#epoch = event.epoch;
      this.#keep([]);
    }
    if (event.type === 'attack-acted') {
      if (isChange(event)) this.#keep([...this.#changes, event].slice(-MOST_CHANGES));
    } else if (event.type === 'bytes-evicted' && this.#changes.length > 0) this.#evict(event);
  }

  view(): ChangedView {
    return (this.#view ??= byConnection(this.#changes));
  }

  #evict({ connection, direction, to }: BytesEvicted): void {
    const kept = this.#changes.filter(
      (change) =>
        change.connection !== connection || change.direction !== direction || rangeOf(change).end > to,
    );
    if (kept.length < this.#changes.length) this.#keep(kept);
  }

  #keep(changes: readonly ChangeOnTheWay[]): void {
    this.#changes = changes;
    this.#view = undefined;
  }
}

function byConnection(changes: readonly ChangeOnTheWay[]): ChangedView {
  const lists = new Map<ConnectionId, ChangeOnTheWay[]>();
  for (const change of changes) {
    const own = lists.get(change.connection);
    if (own) own.push(change);
    else lists.set(change.connection, [change]);
  }
  return lists;
}

const NONE: readonly ChangeOnTheWay[] = [];

/** The changes to bytes of this stretch, oldest first; nothing is searched while there are none. */
export function changesIn(changed: ChangedView, range: StreamRange): readonly ChangeOnTheWay[] {
  if (changed.size === 0) return NONE;
  const own = changed.get(range.connection) ?? NONE;
  return own.filter((change) => {
    const { start, end } = rangeOf(change);
    return change.direction === range.direction && start < range.end && end > range.start;
  });
}

/** It names bytes on the wire, and lets others go on in their place. */
function isChange(event: AttackActed): event is ChangeOnTheWay {
  const { attack, connection, direction, offset, before, after } = event;
  // What a forged answer overtook crossed as it was, only later.
  if (attack === 'forge-name') return false;
  if (connection === undefined || direction === undefined || offset === undefined) return false;
  return !isSame(before ?? NOTHING, after ?? NOTHING);
}

const NOTHING = new Uint8Array();

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** What is put in between bytes belongs to those behind it. */
function rangeOf({ offset, before = NOTHING }: ChangeOnTheWay): { start: number; end: number } {
  return { start: offset, end: offset + Math.max(1, before.length) };
}
