import type { AttackLane, ConnectionOpened, LogEvent, RequestHandled } from '#contract';
import { ConnectionDissector } from '#dissectors/connection.ts';
import type { Message } from '#dissectors/message.ts';
import type { CaptureLog } from '../capture/log.ts';
import { SITE } from './attack.ts';
import { stretch } from './captured-stretch.ts';

/** Half of an exchange, as captured. */
export interface Seen {
  readonly message: Message;
  /** From its beginning on; cut after 64 KiB. */
  readonly bytes: Buffer;
  readonly isWhole: boolean;
}

/** A request in clear and its answer. */
export interface Exchange {
  readonly opened: ConnectionOpened;
  /** The number of the event before the one with the first byte of the request. */
  readonly since: number;
  readonly request: Seen;
  readonly response: Seen;
}

/** A TLS connection that is over, or silent for now. */
export interface Pause {
  readonly opened: ConnectionOpened;
  readonly isOver: boolean;
  /** Its client has sent something inside TLS since the last pause, besides its Finished and an alert. */
  readonly hasSpoken: boolean;
  /** What the site says that it has handled on it since the last pause. */
  readonly handled: readonly RequestHandled[];
}

const APPLICATION_DATA = 23;
const SWITCHING_PROTOCOLS = 101;
const longestMessage = 64 * 1024;
// Silence is counted in short turns: what came while this process was kept from running is read before the next one, and
// was not silence.
const silentTurns = 10;
// Of requests that are never answered no more are remembered.
const mostUnanswered = 64;

/** A connection of somebody who came to the site, followed as it is captured. Its bytes stay in the log. */
export class WatchedConnection {
  readonly #log: CaptureLog;
  readonly #opened: ConnectionOpened;
  readonly #armedAt: number;
  readonly #silentMilliseconds: number;
  readonly #paused: (pause: Pause) => void;
  readonly #dissector = new ConnectionDissector();
  /** Requests, and the number of the event with their first byte. */
  readonly #requests = new Map<Message, number>();
  #arriving: Message | undefined;
  #handled: RequestHandled[] = [];
  #hasSpoken = false;
  #silence: NodeJS.Timeout | undefined;
  #turnsLeft = 0;

  /** Of what came up to the event `armedAt` it tells nothing. */
  constructor(
    log: CaptureLog,
    opened: ConnectionOpened,
    armedAt: number,
    silentMilliseconds: number,
    paused: (pause: Pause) => void,
  ) {
    this.#log = log;
    this.#opened = opened;
    this.#armedAt = armedAt;
    this.#silentMilliseconds = silentMilliseconds;
    this.#paused = paused;
  }

  /** Whether it is a visitor's, and to the site; what the stranger opens itself is none. */
  static isMeant({ transport, opener, hop, server }: ConnectionOpened): boolean {
    return transport === 'tcp' && hop === 'cafe' && opener !== 'stranger' && server.name === SITE;
  }

  /** The exchanges that this event makes whole. */
  take(event: LogEvent): readonly Exchange[] {
    if (event.type === 'bytes-captured') {
      const { direction, offset, bytes, time, seq } = event;
      const messages = this.#dissector.push(direction, offset, bytes, time);
      if (laneOf(this.#opened) === 'https') this.#listen(messages, seq);
      return this.#whole(messages, seq);
    }
    const isSealed = laneOf(this.#opened) === 'https';
    if (event.type === 'request-handled' && isSealed && event.seq > this.#armedAt) {
      this.#handled.push(event);
      this.#waitForSilence();
    }
    if (event.type !== 'connection-closed') return [];
    this.forget();
    // An answer without a length is whole now.
    this.#dissector.close();
    const last = this.#whole(this.#arriving ? [this.#arriving] : [], event.seq);
    if (isSealed) this.#pause(true);
    return last;
  }

  /** It is not waited for any more. */
  forget(): void {
    clearInterval(this.#silence);
    this.#silence = undefined;
  }

  #whole(messages: readonly Message[], seq: number): readonly Exchange[] {
    const exchanges: Exchange[] = [];
    for (const message of messages) {
      if (message.protocol === 'tls' || message.protocol === 'websocket') continue;
      if (message.direction === 'client-to-server') this.#remember(message, seq);
      const { answers, complete, http } = message;
      const isAnswer = (http?.status ?? 0) >= 200 || http?.status === SWITCHING_PROTOCOLS;
      if (!answers || !isAnswer) continue;
      this.#arriving = complete ? undefined : message;
      if (!complete) continue;
      const first = this.#requests.get(answers);
      this.#requests.delete(answers);
      if (first === undefined || seq <= this.#armedAt) continue;
      const since = first - 1;
      const [request, response] = [answers, message].map((each) => this.#seen(each, since));
      if (request && response) exchanges.push({ opened: this.#opened, since, request, response });
    }
    return exchanges;
  }

  #remember(message: Message, seq: number): void {
    if (!this.#requests.has(message)) this.#requests.set(message, seq);
    const [oldest] = this.#requests.keys();
    if (this.#requests.size > mostUnanswered && oldest) this.#requests.delete(oldest);
  }

  /** Undefined where the log has dropped some of it by now. */
  #seen(message: Message, since: number): Seen | undefined {
    const { direction, start, end } = message;
    const to = Math.min(end, start + longestMessage);
    const bytes = stretch(this.#log.after(since), this.#opened, direction, start, to);
    return bytes && { message, bytes, isWhole: to === end };
  }

  #listen(messages: readonly Message[], seq: number): void {
    if (seq <= this.#armedAt) return;
    this.#hasSpoken ||= messages.some(
      ({ direction, tls }) =>
        direction === 'client-to-server' && tls?.contentType === APPLICATION_DATA && tls.guess === undefined,
    );
    this.#waitForSilence();
  }

  /** What the site tells may come later than the last byte, and the other way round. */
  #waitForSilence(): void {
    this.#turnsLeft = silentTurns;
    if (this.#silence) this.#silence.refresh();
    else if (this.#hasSpoken || this.#handled.length > 0)
      this.#silence = setInterval(() => {
        this.#turnsLeft -= 1;
        if (this.#turnsLeft > 0) return;
        this.forget();
        this.#pause(false);
      }, this.#silentMilliseconds / silentTurns);
  }

  #pause(isOver: boolean): void {
    const [hasSpoken, handled] = [this.#hasSpoken, this.#handled];
    this.#hasSpoken = false;
    this.#handled = [];
    this.#paused({ opened: this.#opened, isOver, hasSpoken, handled });
  }
}

function laneOf({ server }: ConnectionOpened): AttackLane {
  return server.port === 443 ? 'https' : 'http';
}
