import { type ConnectionOpened, isWireEvent, type LogEvent, type WireEvent } from '#contract';
import { Connections } from '#folds/connections.ts';
import { LentConnection } from '#folds/lent-keys.ts';
import type { WireConnection } from '#folds/wire-connection.ts';
import { KeyLog } from '#keys/key-log.ts';
import { entryOf } from './entry.ts';
import { flowsAmong, type HttpFlow } from './flow.ts';
import { type HarEntry, harPieces } from './har.ts';

/** An end of the connection, which can read what was sealed for it. */
export type End = 'victim' | 'site';

/** Connections from wire events, and the HTTP that is in clear on them. */
class Wire {
  readonly connections = new Connections();
  readonly #openings = new Map<number, ConnectionOpened>();
  #began = 0;

  apply(event: WireEvent): void {
    if (event.type === 'epoch-started') this.#began = Date.parse(event.wallClock);
    if (event.type === 'connection-opened') this.#openings.set(event.connection, event);
    this.connections.apply(event);
  }

  entry(flow: HttpFlow): HarEntry {
    return entryOf(flow, this.#began);
  }

  opened(connection: WireConnection): ConnectionOpened | undefined {
    return this.#openings.get(connection.id);
  }

  /** The flows of a connection that anybody on the way can read. */
  *clearFlows(connection: WireConnection): Generator<HttpFlow> {
    const opened = this.opened(connection);
    if (!opened) return;
    const messages = connection.messages.map(({ message }) => message);
    const bytes: HttpFlow['bytes'] = (direction, start, end) => {
      const slice = connection.slice({ direction, start, end });
      return slice.start === start ? slice.bytes : new Uint8Array(0);
    };
    yield* flowsAmong(messages, { opened, scheme: 'http', bytes });
  }

  isSealed({ messages }: WireConnection): boolean {
    return messages.some(({ message }) => message.protocol === 'tls');
  }
}

/**
 * What a stranger on the wire can read, as a HAR file: HTTP in clear. It accepts events of the wire alone, so no
 * key can reach it; connections that are sealed are counted, not shown.
 */
export class StrangersHar {
  readonly #wire = new Wire();

  apply(event: WireEvent): void {
    this.#wire.apply(event);
  }

  *pieces(version: string): Generator<string> {
    const sealed = [...this.#wire.connections.all()].filter((connection) =>
      this.#wire.isSealed(connection),
    ).length;
    const comment =
      'What a stranger on the wire can read. ' +
      (sealed === 0
        ? 'No connection was sealed.'
        : `${counted(sealed)} sealed and cannot be read: not listed here.`);
    yield* harPieces(frame(version, comment), this.#entries());
  }

  *#entries(): Generator<HarEntry> {
    const flows = [...this.#wire.connections.all()].flatMap((one) => [...this.#wire.clearFlows(one)]);
    for (const flow of inOrder(flows)) yield this.#wire.entry(flow);
  }
}

/** What an end can read, as a HAR file: HTTP in clear, and what the keys open that the ends have told. */
export class EndsHar {
  readonly #wire = new Wire();
  readonly #keyLog = new KeyLog();
  readonly #end: End;

  constructor(end: End) {
    this.#end = end;
  }

  apply(event: LogEvent): void {
    if (isWireEvent(event)) this.#wire.apply(event);
    else if (event.type === 'secrets-logged') this.#keyLog.add(event.line, event.connection);
  }

  /** The file in pieces; empty ones are steps of the decryption, which takes its time. */
  *pieces(version: string): Generator<string> {
    const lent = new Map<WireConnection, LentConnection>();
    for (const connection of this.#wire.connections.all()) {
      if (!this.#wire.isSealed(connection)) continue;
      const opened = new LentConnection(connection, this.#keyLog);
      for (const steps = opened.catchUpInSteps(); steps.next().done !== true;) yield '';
      lent.set(connection, opened);
    }
    const closed = [...lent.values()].filter(({ decrypted }) => decrypted.hasKeys !== true).length;
    const comment =
      `What the ${this.#end} can read, with the keys of its own TLS connections. ` +
      (closed === 0
        ? 'None was left sealed.'
        : `${counted(closed)} sealed and no key was told: not listed here.`);
    yield* harPieces(frame(version, comment), this.#entries(lent));
  }

  *#entries(lent: ReadonlyMap<WireConnection, LentConnection>): Generator<HarEntry> {
    const flows = [...this.#wire.connections.all()].flatMap((one) => [
      ...this.#wire.clearFlows(one),
      ...this.#openedFlows(one, lent.get(one)),
    ]);
    for (const flow of inOrder(flows)) yield this.#wire.entry(flow);
  }

  *#openedFlows(connection: WireConnection, lent: LentConnection | undefined): Generator<HttpFlow> {
    const opened = this.#wire.opened(connection);
    if (!opened || !lent) return;
    const { decrypted } = lent;
    const bytes: HttpFlow['bytes'] = (direction, start, end) =>
      decrypted.bytes(direction, { start, end }).bytes;
    yield* flowsAmong(decrypted.messages, { opened, scheme: 'https', bytes });
  }
}

function inOrder(flows: readonly HttpFlow[]): readonly HttpFlow[] {
  return flows.toSorted((one, other) => one.request.time - other.request.time);
}

function frame(version: string, comment: string) {
  return { version: '1.2', creator: { name: 'plainsight', version }, pages: [], comment } as const;
}

function counted(connections: number): string {
  return connections === 1 ? '1 connection is' : `${connections} connections are`;
}
