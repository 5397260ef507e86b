import { asideReason } from './traffic.ts';
import type { WireConnection } from './wire-connection.ts';
import type { WireMessage } from './wire-message.ts';

// More would mean that a spare connection waits behind hundreds of others; nobody's browser does that.
const SIBLINGS = 16;
const AT_ABOUT_THE_SAME_TIME = 2e9;

/** The connections and messages of one protocol to one site, those that are parked told apart from those that are shown. */
export class Lane {
  /** The server's name, as the victim has it. */
  readonly site: string;
  readonly #members = new Set<WireConnection>();
  readonly #shown = new Set<WireConnection>();
  readonly #byTime: WireConnection[] = [];
  readonly #busy: WireConnection[] = [];
  #messages: WireMessage[] = [];
  /** What connections carried that are no longer known. */
  #pastBytes = 0;
  #pastEvictedBytes = 0;
  readonly #listed = new Set<WireMessage>();

  constructor(site: string) {
    this.site = site;
  }

  /** All connections whose bytes count here, in the order of joining. */
  get members(): ReadonlySet<WireConnection> {
    return this.#members;
  }

  /** All bytes captured, those of connections included that are no longer known. */
  get bytes(): number {
    return this.#sum(({ bytes }) => bytes, this.#pastBytes);
  }

  get evictedBytes(): number {
    return this.#sum(({ evictedBytes }) => evictedBytes, this.#pastEvictedBytes);
  }

  /** The messages shown, by time of their first byte. */
  get messages(): readonly WireMessage[] {
    return this.#messages;
  }

  /** Shown connections, by time of opening. */
  get shown(): readonly WireConnection[] {
    return this.#byTime;
  }

  join(connection: WireConnection): void {
    this.#members.add(connection);
  }

  leave(connection: WireConnection): void {
    this.#members.delete(connection);
    this.hide(connection);
  }

  /** Nothing is left of it but what it adds to the sums. */
  forget(connection: WireConnection): void {
    if (!this.#members.has(connection)) return;
    this.#pastBytes += connection.bytes;
    this.#pastEvictedBytes += connection.evictedBytes;
    this.leave(connection);
    const busy = this.#busy.indexOf(connection);
    if (busy !== -1) this.#busy.splice(busy, 1);
  }

  /** Lists these no more. */
  drop(messages: readonly WireMessage[]): void {
    const listed = new Set(messages.filter((message) => this.#listed.delete(message)));
    if (listed.size > 0) this.#messages = this.#messages.filter((message) => !listed.has(message));
  }

  show(connection: WireConnection): void {
    if (this.#shown.has(connection)) return;
    this.#shown.add(connection);
    insert(this.#byTime, connection, (other) => other.opening.time > connection.opening.time);
    for (const message of connection.messages) this.list(message);
  }

  hide(connection: WireConnection): void {
    if (!this.#shown.delete(connection)) return;
    remove(this.#byTime, connection);
    this.drop(connection.messages);
  }

  /** Lists a message of a shown connection, unless it is one that browsers ask for by themselves. */
  list(message: WireMessage): void {
    if (!this.#shown.has(message.connection)) return;
    if (asideReason(message.message) !== undefined) this.#unlist(message);
    else if (!this.#listed.has(message)) {
      this.#listed.add(message);
      insert(this.#messages, message, (other) => other.order > message.order);
    }
  }

  markBusy(connection: WireConnection): void {
    this.#busy.push(connection);
    if (this.#busy.length > SIBLINGS) this.#busy.shift();
  }

  /** Whether another connection of the same client to the same site carries the requests. */
  hasBusySibling(connection: WireConnection): boolean {
    const { opener, server, time } = connection.opening;
    // The scripted victim opens one connection a login and uses it.
    if (opener === 'scripted-victim') return false;
    return this.#busy.some((other) => {
      const near = Math.abs(other.opening.time - time) <= AT_ABOUT_THE_SAME_TIME;
      const same = other.opening.opener === opener && other.opening.server.name === server.name;
      return other !== connection && near && same;
    });
  }

  #sum(bytesOf: (connection: WireConnection) => number, past: number): number {
    let sum = past;
    for (const connection of this.#members) sum += bytesOf(connection);
    return sum;
  }

  #unlist(message: WireMessage): void {
    if (this.#listed.delete(message)) remove(this.#messages, message);
  }
}

/** Nearly always at the end; a connection that joins late brings older messages along. */
function insert<Item>(sorted: Item[], item: Item, isLater: (other: Item) => boolean): void {
  let at = sorted.length;
  for (let before = sorted[at - 1]; before !== undefined && isLater(before); before = sorted[at - 1]) at--;
  sorted.splice(at, 0, item);
}

function remove<Item>(sorted: Item[], item: Item): void {
  const at = sorted.lastIndexOf(item);
  if (at !== -1) sorted.splice(at, 1);
}
