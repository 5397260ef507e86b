import type {
  CloseManner,
  CloseParty,
  ConnectionClosed,
  ConnectionId,
  Direction,
  WireEvent,
} from '#contract';
import type { StreamRange } from './view.ts';

/** What the stranger holds, as the log tells it: a snapshot, the same object until something changed. */
export interface HeldView {
  /** Stretches that were read and have not gone on; one for each direction of a connection at most. */
  readonly held: readonly StreamRange[];
  /** Stretches that never went on, because their connection ended while they were held. */
  readonly undelivered: readonly Undelivered[];
}

/** With who ended the connection, and how. */
export interface Undelivered extends StreamRange {
  readonly by: CloseParty;
  readonly how: CloseManner;
}

interface Stretch {
  readonly connection: ConnectionId;
  readonly direction: Direction;
  start: number;
  end: number;
}

// Connections that broke off in the middle; of the oldest nobody speaks any more.
const MOST_UNDELIVERED = 256;

/** What is held now, per connection and direction, folded from wire events; a new epoch starts over. */
export class HeldFold {
  #held = new Map<string, Stretch>();
  #undelivered: readonly Undelivered[] = [];
  #epoch = 0;
  #view: HeldView | undefined;

  apply(event: WireEvent): void {
    if (event.type === 'epoch-started' || event.epoch !== this.#epoch) this.#startOver(event.epoch);
    if (event.type === 'bytes-held') this.#hold(event.connection, event.direction, event);
    else if (event.type === 'bytes-released') this.#release(event.connection, event.direction, event);
    else if (event.type === 'connection-closed') this.#close(event);
  }

  view(): HeldView {
    return (this.#view ??= {
      held: [...this.#held.values()].map((stretch) => ({ ...stretch })),
      undelivered: this.#undelivered,
    });
  }

  #startOver(epoch: number): void {
    this.#epoch = epoch;
    this.#held = new Map();
    this.#undelivered = [];
    this.#view = undefined;
  }

  #hold(connection: ConnectionId, direction: Direction, { offset, length }: Place): void {
    const key = keyOf(connection, direction);
    const known = this.#held.get(key);
    // They wait in order, so that what is held is one stretch.
    if (known) known.end = offset + length;
    else this.#held.set(key, { connection, direction, start: offset, end: offset + length });
    this.#view = undefined;
  }

  #release(connection: ConnectionId, direction: Direction, { offset, length }: Place): void {
    const key = keyOf(connection, direction);
    const known = this.#held.get(key);
    if (!known) return;
    known.start = Math.max(known.start, offset + length);
    if (known.start >= known.end) this.#held.delete(key);
    this.#view = undefined;
  }

  #close({ connection, by, how }: ConnectionClosed): void {
    for (const direction of ['client-to-server', 'server-to-client'] as const) {
      const key = keyOf(connection, direction);
      const known = this.#held.get(key);
      if (!known) continue;
      this.#held.delete(key);
      this.#undelivered = [...this.#undelivered, { ...known, by, how }].slice(-MOST_UNDELIVERED);
      this.#view = undefined;
    }
  }
}

interface Place {
  readonly offset: number;
  readonly length: number;
}

/** Whether any byte of a range lies in one of the stretches. */
export function overlaps(stretches: readonly StreamRange[], range: StreamRange): boolean {
  return stretches.some(
    ({ connection, direction, start, end }) =>
      connection === range.connection &&
      direction === range.direction &&
      start < range.end &&
      end > range.start,
  );
}

function keyOf(connection: ConnectionId, direction: Direction): string {
  return `${connection} ${direction}`;
}
