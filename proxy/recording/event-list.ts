import type {
  CloseManner,
  CloseParty,
  ConnectionId,
  Direction,
  Endpoint,
  Hop,
  LogEvent,
  Transport,
} from '#contract';
import { limits } from './limits.ts';
import { RecordingError } from './recording-error.ts';
import type { Piece } from './tcp-stream.ts';

const millisecond = 1_000_000n;
// A year has four digits (ISO 8601); what a damaged clock says beyond that is no date.
const latestDate = Date.UTC(10_000, 0) - 1;

export interface Opening {
  readonly transport: Transport;
  readonly hop: Hop;
  readonly client: Endpoint;
  readonly server: Endpoint;
}

/** The events of one recorded epoch as they are found: numbered from 1, in time from the first packet on. */
export class EventList {
  readonly #events: LogEvent[] = [];
  readonly #hops = new Map<ConnectionId, Hop>();
  #epoch = 0;
  /** Nanoseconds since 1970 at time 0. */
  #began: bigint | undefined;
  #time = 0;

  get hasBegun(): boolean {
    return this.#began !== undefined;
  }

  get connections(): number {
    return this.#hops.size;
  }

  /**
   * Sets the clock to a packet's time, and begins the epoch with the first of them, at the millisecond before it.
   * Time never goes back, whatever the order of the packets.
   */
  tick(time: bigint | undefined): void {
    if (this.#began === undefined) this.#begin(time ?? 0n);
    if (time === undefined || this.#began === undefined) return;
    const elapsed = Number(time - this.#began);
    this.#time = Math.min(Math.max(this.#time, elapsed), Number.MAX_SAFE_INTEGER);
  }

  open({ transport, hop, client, server }: Opening): ConnectionId {
    if (this.#hops.size >= limits.connections) throw tooMuch(`${limits.connections} connections`);
    const connection = this.#hops.size + 1;
    this.#hops.set(connection, hop);
    this.#add({
      ...this.#numbers(),
      type: 'connection-opened',
      hop,
      connection,
      transport,
      client,
      // The name is known at the end only.
      server: { name: server.address, ...server },
      opener: 'other',
    });
    return connection;
  }

  capture(connection: ConnectionId, direction: Direction, { offset, bytes }: Piece): void {
    const hop = this.#hops.get(connection) ?? 'cafe';
    this.#add({ ...this.#numbers(), type: 'bytes-captured', hop, connection, direction, offset, bytes });
  }

  close(connection: ConnectionId, by: CloseParty, how: CloseManner): void {
    const hop = this.#hops.get(connection) ?? 'cafe';
    this.#add({ ...this.#numbers(), type: 'connection-closed', hop, connection, by, how });
  }

  /** As they were found; servers are called by their addresses. */
  get events(): readonly LogEvent[] {
    return this.#events;
  }

  /** The events, servers named. */
  named(nameOf: (connection: ConnectionId, address: string) => string | undefined): readonly LogEvent[] {
    return this.#events.map((event) => {
      if (event.type !== 'connection-opened') return event;
      const name = nameOf(event.connection, event.server.address);
      return name === undefined ? event : { ...event, server: { ...event.server, name } };
    });
  }

  #begin(time: bigint): void {
    const milliseconds = Number(time / millisecond);
    const isDate = milliseconds >= 0 && milliseconds <= latestDate;
    this.#epoch = isDate ? milliseconds : 0;
    this.#began = isDate ? (time / millisecond) * millisecond : time;
    this.#add({
      ...this.#numbers(),
      type: 'epoch-started',
      wallClock: new Date(this.#epoch).toISOString(),
      routes: [],
      source: 'recorded',
    });
  }

  #numbers() {
    return { epoch: this.#epoch, seq: this.#events.length + 1, time: this.#time, vantage: 'wire' as const };
  }

  #add(event: LogEvent): void {
    if (this.#events.length >= limits.events) throw tooMuch(`${limits.events} events`);
    this.#events.push(event);
  }
}

function tooMuch(bound: string): RecordingError {
  return new RecordingError(
    'too-much-in-file',
    `The file holds more than ${bound}.`,
    'Save the part you want to look at as a file of its own, in Wireshark with “Export Specified Packets”.',
  );
}
