import type { ConnectionId } from '#contract';
import type { KeyLog, SecretLabel } from '#keys/key-log.ts';
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

  /** For opening records. */
  get keyLog(): KeyLog {
    return this.#told.keyLog(this.lender);
  }

  /** Whether it told anything of the connection with this client random, in hex. */
  knows(clientRandom: string): boolean {
    return this.keyLog.knows(clientRandom);
  }

  secret(label: SecretLabel, clientRandom: string): ToldValue | undefined {
    const bytes = this.keyLog.secret(label, clientRandom);
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
