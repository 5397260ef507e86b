import type { BytesCaptured, ConnectionClosed, ConnectionOpened, Direction } from '#contract';
import { largestSegment, tcpFrame, type Party, type TcpFlag } from './frame.ts';
import type { Packet } from './packet.ts';
import { plain } from './plain-text.ts';

/** One direction: who sends to whom, and how far they have come. */
interface Flow {
  readonly from: Party;
  readonly to: Party;
  /** Of the next byte; 32 bits without sign. */
  sequence: number;
  /** Position in the stream of the next byte. */
  offset: number;
}

// A jump of 2^31 or more would look like one backwards; this one also stays within the window.
const longestJump = 2 ** 29;

/**
 * The packets of one TCP connection, as they may have looked: the relay sees bytes, not packets. Sequence and
 * acknowledgement numbers follow from what was captured in both directions so far.
 */
export class TcpConnection {
  readonly #client: Flow;
  readonly #server: Flow;
  readonly #opened: ConnectionOpened;

  constructor(opened: ConnectionOpened, client: Party, server: Party) {
    this.#opened = opened;
    this.#client = flow(client, server, initialSequence(opened.connection, 'client-to-server'));
    this.#server = flow(server, client, initialSequence(opened.connection, 'server-to-client'));
  }

  /** The three-way handshake; the log has one moment for it, so that all three packets share it. */
  *open(): Generator<Packet> {
    const { connection, opener, server } = this.#opened;
    const of = `Synthesised: SYN of connection ${connection}, opened by ${opener} to ${plain(server.name)}`;
    yield { frame: this.#frame(this.#client, ['syn'], { first: true }), comments: [of] };
    this.#client.sequence = plus(this.#client.sequence, 1);
    yield { frame: this.#frame(this.#server, ['syn']), comments: ['Synthesised: handshake'] };
    this.#server.sequence = plus(this.#server.sequence, 1);
    yield { frame: this.#frame(this.#client, []), comments: ['Synthesised: handshake'] };
  }

  /** A captured chunk in segments; PSH marks its end. The first tells what is missing before it. */
  *send({ direction, offset, bytes }: BytesCaptured): Generator<Packet> {
    const flow = this.#flow(direction);
    const missing = offset - flow.offset;
    if (missing > 0) this.skip(direction, offset);
    for (let start = 0; start < bytes.length; start += largestSegment) {
      const payload = bytes.subarray(start, start + largestSegment);
      const isLast = start + payload.length === bytes.length;
      const comments = ['Headers synthesised, payload as captured'];
      if (start === 0 && missing > 0) {
        comments.push(`The capture has dropped the ${missing} bytes before these`);
      }
      yield { frame: this.#frame(flow, isLast ? ['psh'] : [], { payload }), comments };
      flow.sequence = plus(flow.sequence, payload.length);
      flow.offset += payload.length;
    }
  }

  /** What comes before position `to` in this direction is not in the log any more. */
  skip(direction: Direction, to: number): void {
    const flow = this.#flow(direction);
    if (to <= flow.offset) return;
    flow.sequence = plus(flow.sequence, Math.min(to - flow.offset, longestJump));
    flow.offset = to;
  }

  /**
   * FIN from both ends, or one RST. The log tells who ended first, not when each end did, so that a half-closed
   * connection ends here all at once, after its last byte.
   */
  *close({ by, how, error }: ConnectionClosed): Generator<Packet> {
    // On this side of the relay, what the relay does looks like the server's doing.
    const [first, second] = by === 'client' ? [this.#client, this.#server] : [this.#server, this.#client];
    if (how !== 'end') {
      const why = error === undefined ? `reset by ${by}` : `failed at ${by}: ${plain(error)}`;
      yield { frame: this.#frame(first, ['rst']), comments: [`Synthesised: connection ${why}`] };
      return;
    }
    for (const flow of [first, second]) {
      const comments = [`Synthesised: connection ended, first by ${by}`];
      yield { frame: this.#frame(flow, ['fin']), comments };
      flow.sequence = plus(flow.sequence, 1);
    }
    yield { frame: this.#frame(first, []), comments: ['Synthesised: acknowledges the end'] };
  }

  #flow(direction: Direction): Flow {
    return direction === 'client-to-server' ? this.#client : this.#server;
  }

  #frame(
    flow: Flow,
    flags: readonly TcpFlag[],
    { first = false, payload }: { readonly first?: boolean; readonly payload?: Uint8Array } = {},
  ): Uint8Array {
    const { from, to, sequence } = flow;
    const opposite = flow === this.#client ? this.#server : this.#client;
    const acknowledgement = first ? {} : { acknowledgement: opposite.sequence };
    return tcpFrame({ from, to, sequence, flags, ...acknowledgement }, payload);
  }
}

function flow(from: Party, to: Party, sequence: number): Flow {
  return { from, to, sequence, offset: 0 };
}

/** The same in every export, and another for each connection: a port may be used again (Knuth's multiplier). */
function initialSequence(connection: number, direction: Direction): number {
  return Math.imul(2 * connection + (direction === 'client-to-server' ? 0 : 1), 0x9e3779b1) >>> 0;
}

function plus(sequence: number, length: number): number {
  return (sequence + length) % 2 ** 32;
}
