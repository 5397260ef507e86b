import type { ConnectionId, LogEvent } from '#contract';
import type { Arming } from './attack.ts';
import { type Exchange, type Pause, WatchedConnection } from './watched-connection.ts';

export interface LookedFor {
  /** A request and its answer have crossed in clear, both to their end. */
  readonly exchange: (exchange: Exchange) => Promise<void>;
  /** A TLS connection has closed, or has fallen silent after its client had sent something inside it. */
  readonly pause: (pause: Pause) => Promise<void>;
}

const sliceBytes = 256 * 1024;
const silentMilliseconds = 1000;
// More is not tried at a time: of a flood some is enough.
const mostWaiting = 16;

/**
 * Watches what visitors of the site do from now on, on connections that are open already too, until the function it
 * returns is called; that resolves when nothing of it is under way any more. What is looked for is called one after the
 * other. What the relay reads goes on at once: it is looked at afterwards, in slices.
 */
export function lookOut(arming: Arming, lookedFor: LookedFor): () => Promise<void> {
  const lookout = new Lookout(arming, lookedFor);
  return () => lookout.end();
}

class Lookout {
  readonly #arming: Arming;
  readonly #lookedFor: LookedFor;
  readonly #epoch: number;
  readonly #armedAt: number;
  /** Those that were over when it began, as long as their beginnings are still to be passed over. */
  readonly #past: ReadonlySet<ConnectionId>;
  readonly #connections = new Map<ConnectionId, WatchedConnection>();
  readonly #unsubscribe: () => void;
  // From the beginning: where a message begins on an open connection depends on all that came before.
  #position = 0;
  #nextLook: NodeJS.Immediate | undefined;
  #deeds: Promise<void> = Promise.resolve();
  #waiting = 0;
  #isOver = false;

  constructor(arming: Arming, lookedFor: LookedFor) {
    this.#arming = arming;
    this.#lookedFor = lookedFor;
    const { log } = arming.lab;
    this.#epoch = log.epoch;
    this.#armedAt = log.lastSeq;
    this.#past = new Set(
      log.after(0).flatMap((event) => (event.type === 'connection-closed' ? [event.connection] : [])),
    );
    this.#unsubscribe = log.subscribe(() => this.#lookSoon());
    this.#lookSoon();
  }

  async end(): Promise<void> {
    this.#isOver = true;
    this.#unsubscribe();
    clearImmediate(this.#nextLook);
    for (const connection of this.#connections.values()) connection.forget();
    this.#connections.clear();
    await this.#deeds;
  }

  #lookSoon(): void {
    if (this.#isOver) return;
    this.#nextLook ??= setImmediate(() => {
      this.#nextLook = undefined;
      try {
        this.#look();
      } catch (error) {
        this.#arming.failed(error);
      }
    });
  }

  #look(): void {
    const { log } = this.#arming.lab;
    if (this.#isOver || log.epoch !== this.#epoch) return;
    for (const event of log.after(this.#position, sliceBytes)) {
      this.#position = event.seq;
      this.#take(event);
    }
    if (this.#position < log.lastSeq) this.#lookSoon();
  }

  #take(event: LogEvent): void {
    if (event.type === 'connection-opened') {
      if (this.#past.has(event.connection) || !WatchedConnection.isMeant(event)) return;
      const { log } = this.#arming.lab;
      const paused = (pause: Pause) => this.#enqueue(() => this.#lookedFor.pause(pause));
      const connection = new WatchedConnection(log, event, this.#armedAt, silentMilliseconds, paused);
      this.#connections.set(event.connection, connection);
      return;
    }
    const connection = this.#of(event);
    if (connection === undefined) return;
    const exchanges = connection.take(event);
    for (const exchange of exchanges) this.#enqueue(() => this.#lookedFor.exchange(exchange));
    if (event.type === 'connection-closed') this.#connections.delete(event.connection);
  }

  #of(event: LogEvent): WatchedConnection | undefined {
    return 'connection' in event && event.connection !== undefined
      ? this.#connections.get(event.connection)
      : undefined;
  }

  #enqueue(act: () => Promise<void>): void {
    if (this.#waiting >= mostWaiting) return;
    const { signal } = this.#arming;
    this.#waiting += 1;
    this.#deeds = this.#deeds
      .then(() => (signal.aborted || this.#isOver ? undefined : act()))
      .catch((error: unknown) => {
        // The next one who comes may fare otherwise; what was broken off on purpose has not failed.
        if (!signal.aborted && !this.#isOver)
          process.emitWarning(`an armed attack could not be tried: ${String(error)}`);
      })
      .finally(() => (this.#waiting -= 1));
  }
}
