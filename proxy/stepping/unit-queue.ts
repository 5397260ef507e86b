import type { Message } from '#dissectors/message.ts';
import type { Unit } from './unit.ts';

interface Chunk {
  readonly end: number;
  readonly order: number;
}

/**
 * Where the units of one direction begin and end, as far as they have come: TLS records, HTTP messages and WebSocket
 * frames by what the dissector told, else chunks as they were read. Knows what was not passed on yet, nothing more.
 */
export class UnitQueue {
  /** In the order of their first bytes. */
  readonly #messages = new Set<Message>();
  #last: Message | undefined;
  #chunks: Chunk[] = [];
  #position = 0;

  /** Bytes came up to `end`, and with them these messages began or grew; `order` rises over all connections. */
  arrived(messages: readonly Message[], end: number, order: number): void {
    for (const message of messages) {
      // What comes later may still tell what an earlier message was.
      if (message.end <= this.#position) continue;
      this.#messages.add(message);
      if (this.#last === undefined || message.start > this.#last.start) this.#last = message;
    }
    this.#chunks.push({ end, order });
  }

  /** Everything before this position was passed on. */
  passed(position: number): void {
    this.#position = position;
    for (const message of this.#messages) {
      if (message.end > position) break;
      this.#messages.delete(message);
    }
    let gone = 0;
    while ((this.#chunks[gone]?.end ?? Infinity) <= position) gone += 1;
    if (gone > 0) this.#chunks = this.#chunks.slice(gone);
  }

  /** The units from `position` to `end`, in order, `most` of them at most. */
  units(position: number, end: number, most: number): readonly Unit[] {
    const units: Unit[] = [];
    let start = position;
    while (start < end && units.length < most) {
      const unit = this.#unitAt(start, end);
      units.push(unit);
      start = unit.end;
    }
    return units;
  }

  /** Whether nothing that is still to come can belong to this message. */
  isOver(message: Message): boolean {
    return message.complete || isOfNoProtocol(message) || message !== this.#last;
  }

  #unitAt(start: number, end: number): Unit {
    const message = this.#messageAt(start);
    const chunk = this.#chunks.find((candidate) => candidate.end > start);
    const order = chunk?.order ?? Infinity;
    if (message === undefined || message.start > start || isOfNoProtocol(message)) {
      const next = message !== undefined && message.start > start ? message.start : end;
      return { start, end: Math.min(chunk?.end ?? end, next, end), order, complete: true };
    }
    return { start, end: Math.min(message.end, end), order, complete: this.isOver(message), message };
  }

  #messageAt(position: number): Message | undefined {
    for (const message of this.#messages) if (message.end > position) return message;
    return undefined;
  }
}

/** Bytes of which is known that nothing is known; the first few of a connection may still turn out to be something. */
function isOfNoProtocol(message: Message): boolean {
  return message.protocol === 'unknown' && message.detail !== undefined;
}
