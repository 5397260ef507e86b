import type { ConnectionId, Direction, LogEvent, Persona, RequestHandled } from '#contract';
import type { CaptureLog } from '../capture/log.ts';
import { SITE } from './attack.ts';
import type { Sight } from './impostor.ts';
import { secretsIn } from './read-secrets.ts';
import { isDeed, Visits, type Visit } from './visits.ts';

// Beyond it one direction is not searched any more: who logs in does so early.
const longestText = 256 << 10;
// Of what was searched already this much is kept, for a secret that is cut in two; a token is the longest.
const longestSecret = 4 << 10;
// It may be armed for days, and what has come of those long gone was told.
const mostKnown = 256;

/** What is known of a connection that ended at the stranger. */
export interface Impersonated {
  readonly visit: Visit;
  /** Which secrets could be read, in words: over HTTP as it crossed, over HTTPS inside the TLS that the stranger ended. */
  readonly secrets: readonly string[];
  /** Something of an answer could be read. */
  readonly isAnswered: boolean;
  /** Of requests. */
  readonly bytesRead: number;
  /** It ended before TLS was set up; with the alert's code where there was one. */
  readonly left: { readonly code?: string } | undefined;
  /** The stranger's connections to the site for it, and what the site says that it has handled on them. */
  readonly onward: readonly ConnectionId[];
  readonly handled: readonly RequestHandled[];
}

type Growing = { -readonly [Key in keyof Impersonated]: Impersonated[Key] } & {
  /** The end of what was searched last, and how much was, by direction. */
  readonly searched: Record<Direction, { end: string; length: number }>;
};

/** The connections of whoever came to the site since the stranger stands in its place. */
export class ImpersonatedVisits {
  readonly #persona: Persona;
  readonly #visits: Visits;
  readonly #known = new Map<ConnectionId, Growing>();
  /**
   * By the port from which the stranger opened it, all of them to one and the same port: either may be told of first. Not
   * for long: ports are used again.
   */
  readonly #onwardOf = new Map<number, { victim?: ConnectionId; onward?: ConnectionId }>();
  /** Of connections that the log has told of, but nobody has taken in. */
  readonly #leftEarly = new Map<ConnectionId, { readonly code?: string }>();
  /** What somebody has left since the log was last taken in. */
  readonly #sighted = new Set<ConnectionId>();
  /** By the stranger's connection to the site. */
  readonly #handled = new Map<ConnectionId, RequestHandled[]>();

  constructor(log: CaptureLog, persona: Persona) {
    this.#persona = persona;
    this.#visits = new Visits(log, 'impersonate');
  }

  get all(): readonly Impersonated[] {
    return [...this.#known.values()];
  }

  see(sight: Sight): void {
    if (sight.type === 'left') {
      const { connection, code } = sight;
      const left = code === undefined ? {} : { code };
      const known = this.#known.get(connection);
      if (known) known.left = left;
      else this.#leftEarly.set(connection, left);
      dropOldest(this.#leftEarly);
      this.#sighted.add(connection);
      return;
    }
    this.#onwardOf.set(sight.from, { ...this.#onwardOf.get(sight.from), victim: sight.connection });
  }

  /** Takes in what the log was told since, and answers the connections that something is new about. */
  take(fresh: readonly LogEvent[]): readonly Impersonated[] {
    const touched = new Set(this.#visits.take(fresh).map(({ connection }) => connection));
    for (const connection of this.#sighted) touched.add(connection);
    this.#sighted.clear();
    for (const event of fresh) {
      if (event.type === 'connection-opened') this.#open(event);
      else if (event.type === 'request-handled' && event.connection !== undefined)
        this.#handled.get(event.connection)?.push(event);
      else if (event.type === 'bytes-captured' || isDeed(event, 'impersonate')) this.#read(event);
    }
    this.#join(touched);
    return [...touched].flatMap((connection) => this.#known.get(connection) ?? []);
  }

  #open(event: LogEvent & { type: 'connection-opened' }): void {
    const { hop, connection, client, server } = event;
    if (server.name !== SITE) return;
    if (hop === 'onward') {
      this.#onwardOf.set(client.port, { ...this.#onwardOf.get(client.port), onward: connection });
      this.#handled.set(connection, []);
      dropOldest(this.#onwardOf);
      dropOldest(this.#handled);
    }
    const visit = this.#visits.all.find((each) => each.connection === connection);
    if (visit === undefined) return;
    this.#known.set(connection, {
      ...{ visit, secrets: [], isAnswered: false, bytesRead: 0, onward: [], handled: [] },
      left: this.#leftEarly.get(connection),
      searched: {
        'client-to-server': { end: '', length: 0 },
        'server-to-client': { end: '', length: 0 },
      },
    });
    this.#leftEarly.delete(connection);
    if (this.#known.size <= mostKnown) return;
    const [oldest] = this.#known.keys();
    const over = this.all.find((each) => each.visit.isClosed)?.visit.connection ?? oldest;
    if (over !== undefined) this.#known.delete(over);
  }

  #read(event: LogEvent): void {
    if (event.type !== 'bytes-captured' && event.type !== 'attack-acted') return;
    const known = event.connection === undefined ? undefined : this.#known.get(event.connection);
    const { direction } = event;
    if (known === undefined || direction === undefined) return;
    const isPlain = known.visit.lane === 'http';
    if (isPlain !== (event.type === 'bytes-captured')) return;
    const bytes = event.type === 'bytes-captured' ? event.bytes : event.after ? undefined : event.before;
    if (bytes === undefined) return;
    if (direction === 'client-to-server') known.bytesRead += bytes.length;
    else known.isAnswered = true;
    this.#search(known, direction, bytes);
  }

  #search(known: Growing, direction: Direction, bytes: Uint8Array): void {
    const searched = known.searched[direction];
    if (searched.length >= longestText) return;
    searched.length += bytes.length;
    const text = searched.end + Buffer.from(bytes).toString('latin1');
    searched.end = text.slice(-longestSecret);
    const found =
      direction === 'client-to-server'
        ? secretsIn(text, '', this.#persona)
        : secretsIn('', text, this.#persona);
    known.secrets = [...new Set([...known.secrets, ...found])];
  }

  #join(touched: Set<ConnectionId>): void {
    for (const [port, { victim, onward }] of this.#onwardOf) {
      const known = victim === undefined ? undefined : this.#known.get(victim);
      if (known === undefined || onward === undefined) continue;
      this.#onwardOf.delete(port);
      known.onward = [...known.onward, onward];
    }
    for (const known of this.#known.values()) {
      const handled = [
        ...known.visit.handled,
        ...known.onward.flatMap((each) => this.#handled.get(each) ?? []),
      ];
      if (handled.length !== known.handled.length) touched.add(known.visit.connection);
      known.handled = handled;
    }
  }
}

function dropOldest(map: Map<number, unknown>): void {
  const [oldest] = map.keys();
  if (map.size > mostKnown && oldest !== undefined) map.delete(oldest);
}
