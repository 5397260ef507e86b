import type { BytesCaptured, ConnectionOpened, Direction } from '#contract';
import { udpFrame, type Party } from './frame.ts';
import type { Packet } from './packet.ts';

/** The packets of the datagrams between two ports. Each chunk is one datagram; there is no beginning and no end. */
export class UdpExchange {
  readonly #opened: ConnectionOpened;
  readonly #client: Party;
  readonly #server: Party;
  /** Position of the next byte in each direction. */
  readonly #offsets = { 'client-to-server': 0, 'server-to-client': 0 };

  constructor(opened: ConnectionOpened, client: Party, server: Party) {
    this.#opened = opened;
    this.#client = client;
    this.#server = server;
  }

  *open(): Generator<Packet> {
    // Nothing is sent before the first datagram.
  }

  *send({ direction, offset, bytes }: BytesCaptured): Generator<Packet> {
    const missing = offset - this.#offsets[direction];
    this.#offsets[direction] = offset + bytes.length;
    const comments = [`Headers synthesised, payload as captured on connection ${this.#opened.connection}`];
    if (missing > 0) comments.push(`The capture has dropped the ${missing} bytes before these`);
    const [from, to] =
      direction === 'client-to-server' ? [this.#client, this.#server] : [this.#server, this.#client];
    yield { frame: udpFrame(from, to, bytes), comments };
  }

  /** What comes before position `to` in this direction is not in the log any more. */
  skip(direction: Direction, to: number): void {
    this.#offsets[direction] = Math.max(this.#offsets[direction], to);
  }

  *close(): Generator<Packet> {
    // Datagrams know no farewell.
  }
}
