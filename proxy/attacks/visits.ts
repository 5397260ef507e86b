import type {
  AttackActed,
  AttackId,
  AttackLane,
  ConnectionId,
  HandshakeFailed,
  LogEvent,
  Opener,
  RequestHandled,
  ServerEndpoint,
} from '#contract';
import type { CaptureLog } from '../capture/log.ts';

/** One connection of whoever came, and what was told of it since an attack was armed. */
export interface Visit {
  readonly connection: ConnectionId;
  readonly opener: Opener;
  readonly server: ServerEndpoint;
  readonly lane: AttackLane;
  /** What the site says that it has handled. */
  readonly handled: readonly RequestHandled[];
  readonly failures: readonly HandshakeFailed[];
  /** How often the attack has acted on it, and the number of the first time. */
  readonly deeds: number;
  readonly firstDeed: number | undefined;
  readonly isClosed: boolean;
  /** Bytes of the client. */
  readonly sent: number;
  /** Numbers of the events that tell of it, rising. */
  readonly evidence: readonly number[];
}

type Growing = { -readonly [Key in keyof Visit]: Visit[Key] };

// What is shown of a verdict, and what is remembered for it: an armed attack may wait for days.
const mostEvidence = 128;
const mostOf = 16;
const mostVisits = 256;

/** Who came to the lab's sites since an attack was armed, put together from the log as it grows. */
export class Visits {
  readonly #attack: AttackId;
  readonly #visits = new Map<ConnectionId, Growing>();

  /** Connections that are open already count too. */
  constructor(log: CaptureLog, attack: AttackId) {
    this.#attack = attack;
    for (const event of log.after(0)) {
      if (event.type === 'connection-opened') this.#open(event);
      else if (event.type === 'connection-closed') this.#visits.delete(event.connection);
    }
  }

  /** Takes in what the log was told since, and answers the connections that it was about. */
  take(fresh: readonly LogEvent[]): readonly Visit[] {
    const touched = new Set<Visit>();
    for (const event of fresh) {
      if (event.type === 'connection-opened') this.#open(event);
      const visit =
        'connection' in event && event.connection !== undefined
          ? this.#visits.get(event.connection)
          : undefined;
      if (visit === undefined) continue;
      this.#note(visit, event);
      touched.add(visit);
    }
    return [...touched];
  }

  get all(): readonly Visit[] {
    return [...this.#visits.values()];
  }

  #open(event: LogEvent & { type: 'connection-opened' }): void {
    const { connection, opener, server, transport, hop } = event;
    if (transport !== 'tcp' || hop !== 'cafe' || opener === 'stranger') return;
    this.#visits.set(connection, {
      ...{ connection, opener, server, lane: server.port === 443 ? 'https' : 'http' },
      ...{ handled: [], failures: [], deeds: 0, firstDeed: undefined, isClosed: false, sent: 0 },
      evidence: [],
    });
    if (this.#visits.size <= mostVisits) return;
    const over = this.all.find(({ isClosed }) => isClosed);
    if (over) this.#visits.delete(over.connection);
  }

  #note(visit: Growing, event: LogEvent): void {
    if (event.type === 'bytes-captured') {
      if (event.direction === 'client-to-server') visit.sent += event.bytes.length;
      return;
    }
    if (event.type === 'request-handled') visit.handled = [...visit.handled, event].slice(-mostOf);
    else if (event.type === 'handshake-failed') visit.failures = [...visit.failures, event].slice(-mostOf);
    else if (event.type === 'connection-closed') visit.isClosed = true;
    else if (isDeed(event, this.#attack)) {
      visit.deeds += 1;
      visit.firstDeed ??= event.seq;
    } else if (event.type !== 'connection-opened' && event.type !== 'certificate-received') return;
    // The newest: who stays on one connection does what counts at its end.
    visit.evidence = [...visit.evidence, event.seq].slice(-mostEvidence);
  }
}

export function isDeed(event: LogEvent, attack: AttackId): event is AttackActed {
  return event.type === 'attack-acted' && event.attack === attack;
}

/** The numbers of the events that tell of all of these; rising. */
export function evidenceOf(visits: readonly Visit[]): readonly number[] {
  return visits
    .flatMap(({ evidence }) => evidence)
    .toSorted((one, other) => one - other)
    .slice(-mostEvidence);
}

const visitors: Readonly<Record<Opener, string>> = {
  'demo-browser': 'the demo browser',
  'scripted-victim': 'the scripted victim',
  stranger: 'the stranger',
  other: 'another client',
};

/** Who they were, in words: “the demo browser and the scripted victim”. */
export function visitorsIn(visits: readonly Visit[]): string {
  return [...new Set(visits.map(({ opener }) => visitors[opener]))].join(' and ');
}

/** What the victims themselves told of an end; a browser shows its error to whoever sits before it, and tells nobody. */
export function whatTheySaw(visits: readonly Visit[], otherwise: string): string {
  const told = visits.flatMap(({ failures }) => failures.filter(({ vantage }) => vantage === 'victim'));
  const last = told.at(-1);
  return last ? `${last.code}: ${last.message}` : otherwise;
}

export function times(count: number, one: string, more = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : more}`;
}
