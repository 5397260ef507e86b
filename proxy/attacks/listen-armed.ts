import type { ConnectionId, LogEvent, RequestHandled } from '#contract';
import { type Arming, portOf, SITE } from './attack.ts';
import { type Exchange, ExchangeReader } from './listen-exchanges.ts';
import { pageInWords, pagesThatFit } from './listen-guess.ts';
import { measure, type Measured, type MeasuredPage } from './listen-table.ts';

/**
 * Measures the site, and from then on says of each answer over HTTPS which page it is, as it comes. It is held against
 * the site's word, request by request of a connection: HTTP/1.1 answers in the order in which it was asked.
 */
export async function listenToWhoeverComes(arming: Arming): Promise<() => Promise<void>> {
  const { lab, under, signal } = arming;
  const isPadded = under === 'padding';
  const stopPadding = isPadded ? lab.padding.switchOn() : undefined;
  let measured: Measured;
  try {
    measured = await measure(arming, { isPadded });
    signal.throwIfAborted();
  } catch (error) {
    stopPadding?.();
    throw error;
  }
  const listener = new Listener(arming, measured);
  return () => {
    listener.stop();
    stopPadding?.();
    return Promise.resolve();
  };
}

// A browser of its own accord pads nothing.
const ONLY_THE_SITE_PADS =
  ' Only the site pads here: a request still differs in size with the length of the address it asks for.';

/** A connection that somebody has opened to the site since. */
interface Overheard {
  readonly reader: ExchangeReader;
  readonly handled: RequestHandled[];
  isClosed: boolean;
  /** How many of its exchanges nothing more is to be said of. */
  judged: number;
}

class Listener {
  readonly #arming: Arming;
  readonly #measured: Measured;
  readonly #table: readonly MeasuredPage[];
  readonly #overheard = new Map<ConnectionId, Overheard>();
  readonly #unsubscribe: () => void;
  #next: NodeJS.Immediate | undefined;
  #seen: number;
  #right = 0;
  #told = 0;

  constructor(arming: Arming, measured: Measured) {
    const { log } = arming.lab;
    this.#arming = arming;
    this.#measured = measured;
    this.#table = [measured.start, ...measured.pages];
    this.#seen = log.lastSeq;
    this.#catchUp(log.after(log.completeFrom - 1));
    // The log calls inside the relay's read: there it is only noted.
    this.#unsubscribe = log.subscribe(() => (this.#next ??= setImmediate(() => this.#listen())));
  }

  stop(): void {
    this.#unsubscribe();
    clearImmediate(this.#next);
  }

  #listen(): void {
    this.#next = undefined;
    if (this.#arming.signal.aborted) return;
    try {
      this.#hear();
    } catch (error) {
      this.#arming.failed(error);
    }
  }

  #hear(): void {
    for (const event of this.#arming.lab.log.after(this.#seen)) {
      this.#seen = event.seq;
      this.#take(event);
    }
    for (const [connection, overheard] of this.#overheard) {
      this.#judge(connection, overheard);
      if (overheard.isClosed) this.#overheard.delete(connection);
    }
  }

  /** Begins in the middle of the connections that are open already; what has crossed on them is not judged any more. */
  #catchUp(events: readonly LogEvent[]): void {
    const closed = new Set(
      events.flatMap((event) => (event.type === 'connection-closed' ? [event.connection] : [])),
    );
    for (const event of events)
      if ('connection' in event && event.connection !== undefined && !closed.has(event.connection))
        this.#take(event);
    for (const overheard of this.#overheard.values())
      overheard.judged = overheard.reader.exchanges.filter(({ answer }) => answer !== undefined).length;
  }

  #take(event: LogEvent): void {
    if (event.type === 'connection-opened') {
      const { connection, hop, opener, server } = event;
      if (hop === 'cafe' && opener !== 'stranger' && server.name === SITE && server.port === portOf('https'))
        this.#overheard.set(connection, {
          ...{ reader: new ExchangeReader(), handled: [], isClosed: false, judged: 0 },
        });
      return;
    }
    const overheard =
      'connection' in event && event.connection !== undefined
        ? this.#overheard.get(event.connection)
        : undefined;
    if (!overheard) return;
    if (event.type === 'bytes-captured') overheard.reader.push(event);
    else if (event.type === 'request-handled') overheard.handled.push(event);
    else if (event.type === 'connection-closed') overheard.isClosed = true;
  }

  /** Says what there is to say of the answers that are over and that the site has told of. */
  #judge(connection: ConnectionId, overheard: Overheard): void {
    const { exchanges } = overheard.reader;
    for (; overheard.judged < exchanges.length; overheard.judged += 1) {
      const exchange = exchanges[overheard.judged];
      const handled = overheard.handled[overheard.judged];
      if (!exchange?.answer || !handled) return;
      const fitting = pagesThatFit(this.#table, exchange.answer.bytes);
      const isOver = overheard.isClosed || overheard.judged < exchanges.length - 1;
      // Without a fitting page more of it may come: it is over when the client asks again or has left.
      if (fitting.length === 0 && !isOver) return;
      this.#say(connection, exchange, handled, fitting);
    }
  }

  #say(
    connection: ConnectionId,
    { request, answer, milliseconds = 0 }: Exchange,
    handled: RequestHandled,
    fitting: readonly MeasuredPage[],
  ): void {
    const { watch, under } = this.#arming;
    const isPadded = under === 'padding';
    const truth = this.#table.find(({ path }) => path === handled.path);
    // Neither looks like a page of the table nor is one: there was nothing to be guessed.
    if (!answer || (fitting.length === 0 && !truth)) return;
    const guessed = fitting.length === 1 ? fitting[0] : undefined;
    const isRight = guessed !== undefined && guessed.path === handled.path;
    this.#told += 1;
    if (isRight) this.#right += 1;
    this.#arming.judge('https', {
      outcome: isRight ? 'succeeded' : 'no effect',
      happened: `${pageInWords(fitting, this.#table.length, answer.bytes)} The site says that it sent ${handled.path}. Since it was armed, ${this.#right} of ${this.#told} pages were told.${isPadded ? ONLY_THE_SITE_PADS : ''}`,
      siteHandled: watch.handled(this.#measured.connection).length,
      siteCounted: { pagesOpened: this.#told },
      victimSaw: `Nothing unusual: the site answered ${handled.status}.`,
      evidence: [
        ...watch.chunksOf(connection, 'client-to-server', request.start, request.end),
        ...watch.chunksOf(connection, 'server-to-client', answer.start, answer.end),
        handled.seq,
      ].sort((one, other) => one - other),
      connections: [connection, this.#measured.connection],
      riddle: {
        table: this.#table.map(({ title, bytes }) => ({ page: title, bytes })),
        ownLogins: this.#measured.logins,
        seen: { pageBytes: answer.bytes, milliseconds },
        candidates: fitting.map(({ title }) => title),
        guessed: guessed ? { page: guessed.title } : {},
        answer: { page: truth?.title ?? handled.path },
      },
    });
  }
}
