import type { KeyLog, LoggedSecrets, SecretLabel } from './key-log.ts';

/**
 * The secrets of a key log as they are tried on one connection: those that were told of it, or where none were, those of
 * another with the same client random. These open what was recorded of the other and sent again here; to an end that
 * has secrets of its own for this connection, it stays sealed.
 */
export class ConnectionSecrets implements LoggedSecrets {
  readonly #keyLog: KeyLog;
  readonly #own: LoggedSecrets;
  #hasBorrowed = false;

  constructor(keyLog: KeyLog, connection: number) {
    this.#keyLog = keyLog;
    this.#own = keyLog.of(connection);
  }

  /** Another connection's secret was tried: one of its own that is told later may open what it does not. */
  get hasBorrowed(): boolean {
    return this.#hasBorrowed;
  }

  knows(clientRandom: string): boolean {
    return this.#keyLog.knows(clientRandom);
  }

  secret(label: SecretLabel, clientRandom: string): Uint8Array | undefined {
    if (this.#own.knows(clientRandom)) return this.#own.secret(label, clientRandom);
    const borrowed = this.#keyLog.secret(label, clientRandom);
    if (borrowed) this.#hasBorrowed = true;
    return borrowed;
  }
}
