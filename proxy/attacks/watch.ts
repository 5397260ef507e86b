import type {
  AttackActed,
  AttackId,
  ConnectionId,
  Direction,
  HandshakeFailed,
  LogEvent,
  Opener,
  RequestHandled,
} from '#contract';
import type { CaptureLog } from '../capture/log.ts';
import { whenOutOfPatience, type Patience } from '../victim/patience.ts';

// What is shown of an attempt; a page of many chunks is not.
const mostEvidence = 64;

/** What the log has been told since an attempt began. */
export class Watch {
  readonly #log: CaptureLog;
  readonly #since: number;

  /** Since now, or since the event with this number. */
  constructor(log: CaptureLog, since = log.lastSeq) {
    this.#log = log;
    this.#since = since;
  }

  events(): readonly LogEvent[] {
    return this.#log.after(this.#since);
  }

  /** The requests that the site says it has handled on this connection. */
  handled(connection: ConnectionId | undefined): readonly RequestHandled[] {
    return this.events().flatMap((event) =>
      event.type === 'request-handled' && event.connection === connection && connection !== undefined
        ? [event]
        : [],
    );
  }

  /** How many requests the site has handled on all that visitors of this kind have opened since. */
  handledFor(opener: Opener): number {
    const opened = new Set<ConnectionId>();
    let handled = 0;
    for (const event of this.events()) {
      if (event.type === 'connection-opened' && event.opener === opener) opened.add(event.connection);
      else if (event.type === 'request-handled' && opened.has(event.connection ?? 0)) handled += 1;
    }
    return handled;
  }

  failures(connections: readonly (ConnectionId | undefined)[]): readonly HandshakeFailed[] {
    return this.events().flatMap((event) =>
      event.type === 'handshake-failed' &&
      event.connection !== undefined &&
      connections.includes(event.connection)
        ? [event]
        : [],
    );
  }

  acted(attack: AttackId): readonly AttackActed[] {
    return this.events().flatMap((event) =>
      event.type === 'attack-acted' && event.attack === attack ? [event] : [],
    );
  }

  /** One direction of a connection that was opened since, as captured. */
  captured(connection: ConnectionId | undefined, direction?: Direction): Buffer {
    const chunks = this.events().flatMap((event) =>
      event.type === 'bytes-captured' &&
      event.connection === connection &&
      event.direction === (direction ?? event.direction)
        ? [event.bytes]
        : [],
    );
    return Buffer.concat(chunks);
  }

  /** The numbers of the events with captured bytes of `[start, end)` of a direction. */
  chunksOf(connection: ConnectionId, direction: Direction, start: number, end: number): readonly number[] {
    return this.events().flatMap((event) =>
      event.type === 'bytes-captured' &&
      event.connection === connection &&
      event.direction === direction &&
      event.offset < end &&
      event.offset + event.bytes.length > start
        ? [event.seq]
        : [],
    );
  }

  /** The newest numbers of what these connections did, of what was done to them and what the ends said; rising. */
  evidence(connections: readonly (ConnectionId | undefined)[]): readonly number[] {
    const numbers = this.events().flatMap((event) =>
      'connection' in event && event.connection !== undefined && connections.includes(event.connection)
        ? isTelling(event)
          ? [event.seq]
          : []
        : [],
    );
    return numbers.slice(-mostEvidence);
  }

  /**
   * Resolves with true once it holds, with false when the patience is over. Rejects when aborted. It looks a little after
   * the log was told: what looks through all that happened is too slow for the relay's read.
   */
  async until(holds: () => boolean, patience: Patience, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    if (holds()) return true;
    return new Promise<boolean>((resolve, reject) => {
      let nextLook: NodeJS.Immediate | undefined;
      const done = () => {
        stopWaiting();
        clearImmediate(nextLook);
        unsubscribe();
        signal.removeEventListener('abort', aborted);
      };
      const aborted = () => {
        done();
        reject(signal.reason as Error);
      };
      const look = (isLast: boolean) => {
        nextLook = undefined;
        try {
          const isSo = holds();
          if (!isSo && !isLast) return;
          done();
          resolve(isSo);
        } catch (error) {
          done();
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      const unsubscribe = this.#log.subscribe(() => {
        nextLook ??= setImmediate(look, false);
      });
      // What was told in the meantime counts still.
      const stopWaiting = whenOutOfPatience(patience, () => look(true));
      signal.addEventListener('abort', aborted);
    });
  }
}

function isTelling({ type }: LogEvent): boolean {
  return (
    type === 'connection-opened' ||
    type === 'attack-acted' ||
    type === 'request-handled' ||
    type === 'handshake-failed' ||
    type === 'connection-closed'
  );
}
