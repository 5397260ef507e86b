import type { ConnectionId, LogEvent, Opener } from '#contract';
import { hex } from '#dissectors/text.ts';

/** What is read of the capture log, and what is written to it. */
export interface KeyedLog {
  readonly epoch: number;
  readonly lastSeq: number;
  after(seq: number): readonly LogEvent[];
  append(event: {
    type: 'secrets-logged';
    vantage: 'victim';
    connection: ConnectionId;
    line: string;
  }): unknown;
}

const opener: Opener = 'demo-browser';
const LINE = /^[A-Z][A-Z0-9_]* ([0-9a-f]{64}) (?:[0-9a-f]{2}){32,64}$/;
// The record header, the handshake header and legacy_version come before the random (RFC 8446, 5.1 and 4.1.2).
const RANDOM = { start: 5 + 4 + 2, end: 5 + 4 + 2 + 32 };
const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
// Keys come within moments of their hello: older ones are asked for no more.
const randomsKept = 1024;
const linesWaiting = 64;

/**
 * Joins the key log lines of the demo browser to its connections by the client random in their ClientHellos, as
 * the log has them, and appends them. A line of a connection that is not in this capture is never told.
 */
export class BrowserKeys {
  readonly #log: KeyedLog;
  readonly #connections = new Map<string, ConnectionId>();
  /** The first bytes of connections whose random has not arrived whole. */
  readonly #beginnings = new Map<ConnectionId, readonly number[]>();
  /** The key of early data may be written before the relay has read the hello. */
  #waiting: readonly (readonly [random: string, line: string])[] = [];
  #epoch = 0;
  #seen = 0;

  constructor(log: KeyedLog) {
    this.#log = log;
  }

  /** Takes a line in SSLKEYLOGFILE form, without its end; remarks and anything else are passed over. */
  tell(line: string): void {
    const random = LINE.exec(line)?.[1];
    if (random === undefined) return;
    if (this.#epoch !== this.#log.epoch) this.#startOver();
    const due = [...this.#waiting, [random, line] as const];
    if (due.some(([name]) => !this.#connections.has(name))) this.#catchUp();
    const waiting: (readonly [string, string])[] = [];
    for (const [name, text] of due) {
      const connection = this.#connections.get(name);
      if (connection === undefined) waiting.push([name, text]);
      else this.#log.append({ type: 'secrets-logged', vantage: 'victim', connection, line: text });
    }
    this.#waiting = waiting.slice(-linesWaiting);
  }

  #startOver(): void {
    this.#epoch = this.#log.epoch;
    this.#seen = 0;
    this.#waiting = [];
    this.#connections.clear();
    this.#beginnings.clear();
  }

  #catchUp(): void {
    for (const event of this.#log.after(this.#seen)) this.#note(event);
    this.#seen = this.#log.lastSeq;
  }

  #note(event: LogEvent): void {
    if (event.type === 'connection-opened' && event.transport === 'tcp' && event.opener === opener) {
      this.#beginnings.set(event.connection, []);
    } else if (event.type === 'connection-closed') {
      this.#beginnings.delete(event.connection);
    } else if (event.type === 'bytes-captured' && event.direction === 'client-to-server') {
      const before = this.#beginnings.get(event.connection);
      if (before) this.#extend(event.connection, event.offset, before, event.bytes);
    }
  }

  #extend(connection: ConnectionId, offset: number, before: readonly number[], bytes: Uint8Array): void {
    const beginning = [...before, ...bytes.subarray(0, RANDOM.end - before.length)];
    const isHello =
      offset === before.length &&
      (beginning[0] ?? HANDSHAKE) === HANDSHAKE &&
      (beginning[5] ?? CLIENT_HELLO) === CLIENT_HELLO;
    if (isHello && beginning.length < RANDOM.end) {
      this.#beginnings.set(connection, beginning);
      return;
    }
    this.#beginnings.delete(connection);
    if (!isHello) return;
    this.#connections.set(hex(Uint8Array.from(beginning.slice(RANDOM.start))), connection);
    const [oldest] = this.#connections.keys();
    if (this.#connections.size > randomsKept && oldest !== undefined) this.#connections.delete(oldest);
  }
}
