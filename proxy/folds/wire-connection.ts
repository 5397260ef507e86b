import type {
  BytesCaptured,
  BytesEvicted,
  ConnectionClosed,
  ConnectionOpened,
  Direction,
  Hop,
} from '#contract';
import { ConnectionDissector } from '#dissectors/connection.ts';
import { summarizeDns } from '#dissectors/dns/explain.ts';
import type { Message } from '#dissectors/message.ts';
import { ByteStore, type Slice } from './byte-store.ts';
import { MessageLine } from './message-line.ts';
import { Traffic } from './traffic.ts';
import type { ConnectionView, StreamRange } from './view.ts';
import { WireMessage } from './wire-message.ts';

type Opening = Pick<ConnectionOpened, 'connection' | 'hop' | 'opener' | 'transport' | 'server' | 'time'>;

/**
 * One connection as a tap saw it: its bytes, and the messages they make up. Built from wire events alone;
 * what accepts one of these can know nothing that the stranger does not.
 */
export class WireConnection {
  readonly id: number;
  readonly hop: Hop;
  /** What it has carried so far. */
  readonly traffic = new Traffic();
  readonly #opening: Opening;
  readonly #dissector = new ConnectionDissector();
  readonly #stores: Readonly<Record<Direction, ByteStore>> = {
    'client-to-server': new ByteStore(),
    'server-to-client': new ByteStore(),
  };
  #messages: WireMessage[] = [];
  readonly #lines: Readonly<Record<Direction, MessageLine>> = {
    'client-to-server': new MessageLine(),
    'server-to-client': new MessageLine(),
  };
  #view: ConnectionView | undefined;
  #bytes = 0;
  #hasLostBytes = false;
  #closed: ConnectionClosed | undefined;

  constructor(opening: Opening) {
    this.id = opening.connection;
    this.hop = opening.hop;
    this.#opening = opening;
  }

  get opening(): Opening {
    return this.#opening;
  }

  get closed(): ConnectionClosed | undefined {
    return this.#closed;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get evictedBytes(): number {
    return this.#stores['client-to-server'].evicted + this.#stores['server-to-client'].evicted;
  }

  /** The log said that it dropped some, whether they were ever here or not. */
  get hasLostBytes(): boolean {
    return this.#hasLostBytes;
  }

  /** It is over, and the log dropped all of it. */
  get isGone(): boolean {
    const { 'client-to-server': sent, 'server-to-client': answered } = this.#stores;
    return this.#closed !== undefined && this.#hasLostBytes && sent.held + answered.held === 0;
  }

  /** In the order of their first bytes, without those of which the log dropped every byte. */
  get messages(): readonly WireMessage[] {
    return this.#messages;
  }

  get handshakeFinished(): boolean {
    return this.#dissector.handshakeFinished;
  }

  store(direction: Direction): ByteStore {
    return this.#stores[direction];
  }

  slice(range: Omit<StreamRange, 'connection'>): Slice {
    return this.#stores[range.direction].slice(range.start, range.end);
  }

  /** Takes captured bytes; returns the messages they touched. `nextOrder` numbers new ones. */
  capture(event: BytesCaptured, nextOrder: () => number): readonly WireMessage[] {
    const { direction, offset, bytes, time } = event;
    const fresh = this.#stores[direction].add(offset, bytes);
    if (fresh.length === 0) return [];
    this.#bytes += fresh.length;
    this.#view = undefined;
    const touched =
      this.#opening.transport === 'udp'
        ? [datagram(event, this.hop)]
        : this.#dissector.push(direction, offset, bytes, time);
    return this.#trackAll(touched, nextOrder);
  }

  /** Drops bytes, and with them the messages of which none is left; returns those. */
  evict({ direction, from, to }: BytesEvicted): readonly WireMessage[] {
    this.#stores[direction].evict(from, to);
    this.#hasLostBytes = true;
    const isOver = (message: Message): boolean => message.complete || this.#closed !== undefined;
    const dropped = new Set(this.#lines[direction].drop((message) => message.end <= to && isOver(message)));
    if (dropped.size > 0) this.#messages = this.#messages.filter((message) => !dropped.has(message));
    return [...dropped];
  }

  close(event: ConnectionClosed, nextOrder: () => number): readonly WireMessage[] {
    this.#closed = event;
    this.#view = undefined;
    return this.#trackAll(this.#dissector.close(), nextOrder);
  }

  byKey(key: string): WireMessage | undefined {
    const [, direction, start] = key.split(':');
    if (direction !== 'client-to-server' && direction !== 'server-to-client') return undefined;
    return this.#lines[direction].at(Number(start));
  }

  view(): ConnectionView {
    const { connection, opener, transport, server, time } = this.#opening;
    return (this.#view ??= {
      connection,
      opener,
      hop: this.hop,
      transport,
      server,
      openedAt: time,
      bytes: this.#bytes,
      ...(this.#closed ? { closedAt: this.#closed.time } : {}),
    });
  }

  #trackAll(messages: readonly Message[], nextOrder: () => number): readonly WireMessage[] {
    const all: WireMessage[] = [];
    for (const message of messages) {
      const tracked = this.#track(message, nextOrder);
      if (tracked) all.push(tracked);
    }
    return all;
  }

  #track(message: Message, nextOrder: () => number): WireMessage | undefined {
    const line = this.#lines[message.direction];
    const known = line.find(message);
    // What comes later may still tell what an earlier message was, and that one may be gone by then.
    if (!known && !line.isNew(message)) return undefined;
    this.traffic.note(message);
    if (known) {
      known.changed();
      return known;
    }
    const tracked = new WireMessage(message, this, nextOrder());
    line.add(tracked);
    this.#messages.push(tracked);
    return tracked;
  }
}

function datagram({ direction, offset, bytes, time }: BytesCaptured, hop: Hop): Message {
  const dns = hop === 'resolver' ? summarizeDns(bytes) : undefined;
  return {
    direction,
    start: offset,
    end: offset + bytes.length,
    time,
    endTime: time,
    protocol: dns ? 'dns' : 'unknown',
    kind: dns ? (direction === 'client-to-server' ? 'request' : 'response') : 'unknown',
    title: 'Datagram',
    sealed: false,
    complete: true,
    ...dns,
  };
}
