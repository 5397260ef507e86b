import type { ConnectionId, Direction, Endpoint } from '#contract';
import type { EventList } from './event-list.ts';
import type { Notes } from './notes.ts';
import type { TcpSegment } from './segment.ts';
import { TcpStream, type Piece } from './tcp-stream.ts';

// Packets of a connection that may pass before bytes which their receiver has are counted as missing: they may
// have been captured a little late.
const patience = 16;

const directions = ['client-to-server', 'server-to-client'] as const satisfies readonly Direction[];
const parties = { 'client-to-server': 'client', 'server-to-client': 'server' } as const;

/** One TCP connection of a capture: its packets in, events out. */
export class TcpConversation {
  readonly client: Endpoint;
  readonly #id: ConnectionId;
  readonly #events: EventList;
  readonly #streams = { 'client-to-server': new TcpStream(), 'server-to-client': new TcpStream() };
  readonly #waited = { 'client-to-server': 0, 'server-to-client': 0 };
  #endedFirst: Direction | undefined;
  #isClosed = false;

  constructor(events: EventList, client: Endpoint, server: Endpoint) {
    this.client = client;
    this.#events = events;
    this.#id = events.open({ transport: 'tcp', hop: 'cafe', client, server });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether this SYN of the client is the one that opened the connection, sent again. */
  isOpenedBy({ sequence }: TcpSegment): boolean {
    const { base } = this.#streams['client-to-server'];
    return base !== undefined && base === (sequence + 1) % 2 ** 32;
  }

  take(direction: Direction, segment: TcpSegment): void {
    if (this.#isClosed) return;
    const back = direction === 'client-to-server' ? 'server-to-client' : 'client-to-server';
    const { [direction]: stream, [back]: opposite } = this.#streams;
    const { acknowledgement, payload, length } = segment;
    const sequence = (segment.sequence + (segment.syn ? 1 : 0)) % 2 ** 32;
    stream.begin(sequence);
    if (acknowledgement !== undefined) {
      opposite.begin(acknowledgement);
      opposite.acknowledge(opposite.positionOf(acknowledgement));
    }
    const offset = stream.positionOf(sequence);
    if (length > 0) this.#capture(direction, stream.add(offset, payload, length));
    if (segment.fin) {
      stream.endAt(offset + length);
      if (stream.hasEnd) this.#endedFirst ??= direction;
    }
    for (const each of directions) this.#loseHope(each);
    if (segment.rst) this.#close(direction, 'reset');
    else if (stream.isOver && opposite.isOver) this.#close(this.#endedFirst ?? direction, 'end');
  }

  /** Nothing more comes of it: whatever waits is shown, and what is missing is told. */
  end(notes: Notes): void {
    if (!this.#isClosed) {
      this.#flush();
      if (
        directions.every((direction) => this.#streams[direction].isOver) &&
        this.#endedFirst !== undefined
      ) {
        this.#close(this.#endedFirst, 'end');
      }
    }
    for (const direction of directions) {
      const { missing } = this.#streams[direction];
      if (missing === 0) continue;
      notes.say(`Of connection ${this.#id}, ${direction}, ${missing} bytes are missing from the capture.`);
    }
  }

  #loseHope(direction: Direction): void {
    const stream = this.#streams[direction];
    if (!stream.lacksAcknowledged) {
      this.#waited[direction] = 0;
      return;
    }
    this.#waited[direction] += 1;
    if (this.#waited[direction] <= patience) return;
    this.#waited[direction] = 0;
    this.#capture(direction, stream.giveUp());
  }

  #flush(): void {
    for (const direction of directions) this.#capture(direction, this.#streams[direction].flush());
  }

  #close(direction: Direction, how: 'end' | 'reset'): void {
    this.#flush();
    this.#isClosed = true;
    this.#events.close(this.#id, parties[direction], how);
  }

  #capture(direction: Direction, pieces: Iterable<Piece>): void {
    for (const piece of pieces) this.#events.capture(this.#id, direction, piece);
  }
}
