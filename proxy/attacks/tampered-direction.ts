import type { AttackId, Direction } from '#contract';
import type { Message } from '#dissectors/message.ts';
import type { RewritingValve } from '../relay/gate.ts';
import type { Edit, Tamperer } from './tampering.ts';

/** A tamperer, and the attack it works for. */
export interface Hand {
  readonly attack: AttackId;
  readonly tamperer: Tamperer;
}

/** Bytes that went on changed. */
export interface Deed {
  readonly attack: AttackId;
  readonly direction: Direction;
  readonly offset: number;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

// What is held beyond this is not read by the relay any more, and would never become whole.
const longestHeld = 48 * 1024;

/** One direction of a connection on which an attack acts: held message by message, and let go changed or as it came. */
export class TamperedDirection {
  readonly #direction: Direction;
  readonly #valve: RewritingValve;
  /** Where the holding began: a message that began before can't be changed any more. */
  readonly #from: number;
  /** Messages that have not passed to their end, in order. */
  readonly #waiting = new Set<Message>();
  #chunks: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  /** Everything before it was let go. */
  #position: number;
  #isOpen = false;
  /** What is to become of the message that comes next: the hand that wants it, or nobody. */
  #decided: { readonly message: Message; readonly hand: Hand | undefined } | undefined;

  /** Holds what comes from now on. */
  constructor(direction: Direction, valve: RewritingValve) {
    this.#direction = direction;
    this.#valve = valve;
    this.#from = valve.captured;
    this.#position = valve.captured;
    valve.openTo(valve.captured);
  }

  /** These messages have begun or grown; `hands` are asked in order, and the first that wants a message has it. */
  noted(messages: readonly Message[]): void {
    for (const message of messages) if (message.end > this.#position) this.#waiting.add(message);
  }

  /** Bytes have come, and their messages have been noted. Answers what was changed of those that go on now. */
  arrived(offset: number, bytes: Uint8Array, hands: readonly Hand[]): readonly Deed[] {
    this.#chunks.push({ offset, bytes });
    return this.settle(hands);
  }

  /** Lets go what need not wait for anybody of these. */
  settle(hands: readonly Hand[]): readonly Deed[] {
    const deeds: Deed[] = [];
    while (!this.#isOpen && this.#position < this.#valve.captured) {
      const next = this.#next(hands, deeds);
      if (next === undefined) break;
      this.#letGo(next);
    }
    return deeds;
  }

  /** Lets go what is held, as it came, and holds nothing any more. */
  open(): void {
    this.#isOpen = true;
    this.#chunks = [];
    this.#waiting.clear();
    this.#valve.openTo(Infinity);
  }

  /** How far bytes may go on now; undefined while they have to wait. */
  #next(hands: readonly Hand[], deeds: Deed[]): number | undefined {
    const { captured } = this.#valve;
    const [message, later] = this.#waiting;
    if (message === undefined) return captured;
    if (message.start > this.#position) return message.start;
    const isOver = message.complete || later !== undefined;
    const end = Math.min(message.end, captured);
    if (this.#decided?.message !== message) {
      const mustDecide = isOver || captured - this.#position > longestHeld;
      if (!mustDecide && !isTold(message)) return undefined;
      this.#decided = { message, hand: this.#handFor(message, hands) };
    }
    const { hand } = this.#decided;
    if (hand !== undefined && hands.includes(hand)) {
      if (message.complete) deeds.push(...this.#change(message, hand));
      else if (!isOver && captured - this.#position <= longestHeld) return undefined;
    }
    // Too long to be held until it is whole, never to become so, or the attack was disarmed meanwhile.
    this.#decided = { message, hand: undefined };
    if (isOver) this.#waiting.delete(message);
    // What it has shown of itself so far has gone.
    else if (end === this.#position) return undefined;
    return end;
  }

  #handFor(message: Message, hands: readonly Hand[]): Hand | undefined {
    if (message.start < this.#from || !isTold(message)) return undefined;
    return hands.find(({ tamperer }) => tamperer.wants(message));
  }

  #change(message: Message, { attack, tamperer }: Hand): readonly Deed[] {
    const bytes = this.#held(message.start, message.end);
    const edits = tamperer.edit(message, bytes).toSorted((one, other) => one.start - other.start);
    assertApart(edits, bytes.length);
    if (this.#valve.isDead) return [];
    return edits.map(({ start, end, bytes: after }) => {
      const offset = message.start + start;
      this.#valve.replace(offset, message.start + end, after);
      return { attack, direction: this.#direction, offset, before: bytes.slice(start, end), after };
    });
  }

  /** A copy: the log may drop its own while somebody still looks at it. */
  #held(start: number, end: number): Uint8Array {
    const whole = new Uint8Array(end - start);
    for (const { offset, bytes } of this.#chunks) {
      const from = Math.max(start, offset);
      const to = Math.min(end, offset + bytes.length);
      if (from < to) whole.set(bytes.subarray(from - offset, to - offset), from - start);
    }
    return whole;
  }

  #letGo(position: number): void {
    this.#position = position;
    this.#chunks = this.#chunks.filter(({ offset, bytes }) => offset + bytes.length > position);
    this.#valve.openTo(position);
  }
}

/** Enough has come of it to say what it is. */
function isTold(message: Message): boolean {
  if (message.protocol === 'http1') return message.http !== undefined;
  if (message.protocol === 'tls') return message.tls !== undefined;
  return message.protocol !== 'unknown' || message.detail !== undefined;
}

function assertApart(edits: readonly Edit[], length: number): void {
  let at = 0;
  for (const { start, end } of edits) {
    if (start < at || end <= start || end > length)
      throw new RangeError(`${start} to ${end} is no stretch of ${length} bytes, or was changed already`);
    at = end;
  }
}
