/** A transfer that the site has booked. Amounts in rupees. */
export interface Transfer {
  /** The name on the account that paid. */
  readonly from: string;
  readonly payee: string;
  readonly amount: number;
  /** Public name of the login session it came in; never the session's id. */
  readonly session: string;
}

export interface SessionUse {
  /** Public name of the login session. */
  readonly name: string;
  /** Who has used it, in order of appearance: the User-Agent, as it was sent, and over what it came. */
  readonly clients: readonly string[];
}

/** The site's own books since the last reset, oldest first: the last 100 transfers, the last 100 login sessions. */
export interface Counters {
  transfers(): readonly Transfer[];
  sessions(): readonly SessionUse[];
}

const MOST_TRANSFERS = 100;
const MOST_SESSIONS = 100;
const MOST_CLIENTS = 20;

/** What the site writes down of its own accord, for whoever wants to know afterwards what really happened. */
export class Books implements Counters {
  #transfers: readonly Transfer[] = [];
  readonly #sessions = new Map<string, Set<string>>();

  book(transfer: Transfer): void {
    this.#transfers = [...this.#transfers, transfer].slice(-MOST_TRANSFERS);
  }

  /** Notes that a client has shown a session's cookie or token. */
  noteUse(session: string, client: string): void {
    const clients = this.#sessions.get(session) ?? new Set();
    if (clients.size < MOST_CLIENTS) clients.add(client);
    this.#sessions.set(session, clients);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > MOST_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
  }

  transfers(): readonly Transfer[] {
    return this.#transfers;
  }

  sessions(): readonly SessionUse[] {
    return [...this.#sessions.keys()].map((name) => ({ name, clients: this.clientsOf(name) }));
  }

  clientsOf(session: string): readonly string[] {
    return [...(this.#sessions.get(session) ?? [])];
  }

  reset(): void {
    this.#transfers = [];
    this.#sessions.clear();
  }
}
