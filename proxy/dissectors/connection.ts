import { HttpExchange, isSwitch } from './http1/exchange.ts';
import { HttpSplitter } from './http1/splitter.ts';
import { identify, unknownReason } from './identify.ts';
import type {
  Direction,
  GrowingMessage,
  Message,
  MessageKind,
  MessageProtocol,
  MessageSink,
  Splitter,
  Surrender,
} from './message.ts';
import { TlsConversation } from './tls/conversation.ts';
import { TlsSplitter } from './tls/splitter.ts';
import { UnknownSplitter } from './unknown.ts';
import { WebSocketSplitter } from './websocket/splitter.ts';

// One for all: making an empty array costs more than reading a start line.
const NOTHING = new Uint8Array(0);

const GAP = 'Bytes before this one are missing from the capture, so where a message begins cannot be told.';

/**
 * Follows one TCP connection and cuts both of its directions into messages, whatever chunks they come in. Keeps
 * heads and hellos while they arrive (64 KB at most), never a body. Each direction is identified on its own:
 * a client may speak TLS to a server that answers in HTTP.
 */
export class ConnectionDissector {
  readonly #touched = new Touched();
  readonly #sides: Readonly<Record<Direction, Side>>;
  readonly #tls = new TlsConversation();

  constructor() {
    const http = new HttpExchange();
    this.#sides = {
      'client-to-server': new Side('client-to-server', http, this.#tls, this.#touched),
      'server-to-client': new Side('server-to-client', http, this.#tls, this.#touched),
    };
  }

  /** TLS: the client's Finished has passed, as far as it can be told from outside. */
  get handshakeFinished(): boolean {
    return this.#tls.clientFinished;
  }

  /**
   * Takes a chunk: `offset` is its position in the direction's stream, `time` nanoseconds since the epoch
   * began. Returns the messages that began, grew or ended, in the order of their bytes. Bytes that were taken
   * before are passed over.
   */
  push(direction: Direction, offset: number, bytes: Uint8Array, time: number): readonly Message[] {
    this.#sides[direction].push(offset, bytes, time);
    return this.#touched.take();
  }

  /** Both directions have ended; what lasts until the end of the connection is complete now. */
  close(): readonly Message[] {
    this.#sides['client-to-server'].close();
    this.#sides['server-to-client'].close();
    return this.#touched.take();
  }
}

/** The messages that a chunk began or changed, each once: they follow each other, and none is come back to. */
class Touched {
  #messages: Message[] = [];

  add(message: Message): void {
    if (this.#messages.at(-1) !== message) this.#messages.push(message);
  }

  take(): readonly Message[] {
    const touched = this.#messages;
    this.#messages = [];
    return touched;
  }
}

class Side implements MessageSink {
  readonly #direction: Direction;
  readonly #http: HttpExchange;
  readonly #tls: TlsConversation;
  readonly #touched: Touched;
  #position = 0;
  #splitter: Splitter | undefined;
  /** The first bytes, while they are too few to tell what they are. */
  #first: Uint8Array = NOTHING;
  #arriving: GrowingMessage | undefined;

  constructor(direction: Direction, http: HttpExchange, tls: TlsConversation, touched: Touched) {
    this.#direction = direction;
    this.#http = http;
    this.#tls = tls;
    this.#touched = touched;
  }

  push(offset: number, bytes: Uint8Array, time: number): void {
    if (offset > this.#position) this.#gap(offset, time);
    const seen = this.#position - offset;
    const fresh = seen > 0 ? bytes.subarray(seen) : bytes;
    if (fresh.length === 0) return;
    const start = this.#position;
    this.#position += fresh.length;
    if (this.#splitter) this.#feed(fresh, start, time);
    else this.#identify(fresh, start, time);
  }

  close(): void {
    if (!this.#splitter && this.#arriving) {
      this.#begin(this.#unknown(unknownReason(this.#first)), this.#first, this.#arriving.endTime);
    }
    this.#splitter?.close();
  }

  open(
    start: number,
    time: number,
    protocol: MessageProtocol,
    kind: MessageKind,
    title: string,
  ): GrowingMessage {
    const arriving = this.#arriving;
    this.#arriving = undefined;
    const message: GrowingMessage = arriving ?? {
      direction: this.#direction,
      start,
      end: start,
      time,
      endTime: time,
      protocol,
      kind,
      title,
      sealed: false,
      complete: false,
    };
    if (arriving) Object.assign(arriving, { protocol, kind, title });
    this.#touched.add(message);
    return message;
  }

  touch(message: GrowingMessage): void {
    this.#touched.add(message);
  }

  #identify(fresh: Uint8Array, start: number, time: number): void {
    const bytes = joined(this.#first, fresh);
    const identity = identify(bytes);
    if (identity === 'need-more') {
      this.#first = bytes;
      this.#arriving ??= this.open(start, time, 'unknown', 'unknown', 'Arriving');
    }
    if (this.#arriving) {
      this.#arriving.end = this.#position;
      this.#arriving.endTime = time;
      this.#touched.add(this.#arriving);
    }
    if (identity === 'tls') this.#begin(new TlsSplitter(this, this.#direction, this.#tls), bytes, time);
    else if (identity === 'http1')
      this.#begin(new HttpSplitter(this, this.#direction, this.#http), bytes, time);
    else if (identity === 'unknown') this.#begin(this.#unknown(unknownReason(bytes)), bytes, time);
  }

  #begin(splitter: Splitter, bytes: Uint8Array, time: number): void {
    this.#splitter = splitter;
    this.#first = NOTHING;
    this.#feed(bytes, this.#position - bytes.length, time);
  }

  #feed(bytes: Uint8Array, start: number, time: number): void {
    const surrender: Surrender | undefined = this.#splitter?.push(bytes, start, time);
    if (!surrender) return;
    this.#splitter = isSwitch(surrender)
      ? new WebSocketSplitter(this, this.#direction, surrender.websocket)
      : this.#unknown(surrender.reason);
    // Its successor may give up in its turn; the last of them, which knows nothing, never does.
    if (surrender.from < bytes.length)
      this.#feed(bytes.subarray(surrender.from), start + surrender.from, time);
  }

  #gap(offset: number, time: number): void {
    const passed = this.#splitter?.skip(offset - this.#position, this.#position, time) ?? false;
    this.#position = offset;
    if (passed) return;
    this.#arriving = undefined;
    this.#first = NOTHING;
    this.#splitter = this.#unknown(GAP);
  }

  #unknown(reason: string): UnknownSplitter {
    return new UnknownSplitter(this, reason);
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
