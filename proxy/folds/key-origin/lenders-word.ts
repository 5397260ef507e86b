import type { ConnectionId } from '#contract';
import type { LoggedSecrets, SecretLabel } from '#keys/key-log.ts';
import type { Lender } from '../lent-told.ts';
import type { OriginSource } from './key-origin.ts';
import type { ToldKeys } from './told-keys.ts';

/** A value that an end told of its own. */
export interface ToldValue {
  readonly bytes: Uint8Array;
  readonly source: Extract<OriginSource, 'told by the victim' | 'told by the site'>;
}

/** What the end that lends its keys told, and nothing of what the other end did. */
export class LendersWord {
  readonly lender: Lender;
  readonly #told: ToldKeys;

  constructor(told: ToldKeys, lender: Lender) {
    this.lender = lender;
    this.#told = told;
  }

  /** For opening records; nothing that it told of another connection with the same client random is in it. */
  secretsOf(connection: ConnectionId): LoggedSecrets {
    return this.#told.keyLog(this.lender).of(connection);
  }

  /** Whether it told anything of this connection; its client random in hex. */
  knows(connection: ConnectionId, clientRandom: string): boolean {
    return this.secretsOf(connection).knows(clientRandom);
  }

  secret(connection: ConnectionId, label: SecretLabel, clientRandom: string): ToldValue | undefined {
    const bytes = this.secretsOf(connection).secret(label, clientRandom);
    return bytes && { bytes, source: `told by the ${this.lender}` };
  }

  /** The private halves that it told of this connection, the newest first; the site tells none. */
  privateHalves(connection: ConnectionId, group: number): readonly Uint8Array[] {
    return this.lender === 'victim' ? this.#told.privateHalves(connection, group) : [];
  }

  /** The first connection, other than the one of this client random, of which it told the same master secret. */
  connectionWithMaster(master: Uint8Array, clientRandom: string): ConnectionId | undefined {
    return this.#told.connectionWithMaster(this.lender, master, clientRandom);
  }
}
