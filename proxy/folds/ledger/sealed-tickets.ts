import { NEW_SESSION_TICKET } from '#keys/handshake-types.ts';
import type { KeyLog } from '#keys/key-log.ts';
import { LentConnection } from '../lent-keys.ts';
import type { WireConnection } from '../wire-connection.ts';

// Tickets mostly follow the handshake at once (RFC 8446, 4.6.1); decrypting more of a download would only find data.
const MOST_BYTES = 64 * 1024;

/**
 * Counts the tickets of a TLS 1.3 connection, which cross sealed, with its keys lent. Goes on where it was as records
 * arrive, up to the first 64 KiB. `undefined` where the keys open nothing of the site's.
 */
export class SealedTickets {
  readonly #lent: LentConnection;
  #count = 0;
  #opened = false;

  constructor(wire: WireConnection, keyLog: KeyLog) {
    this.#lent = new LentConnection(wire, keyLog);
  }

  count(): number | undefined {
    if (this.#lent.taken < MOST_BYTES) this.#read();
    return this.#opened ? this.#count : undefined;
  }

  #read(): void {
    for (const record of this.#lent.catchUpByRecord()) {
      const reading = this.#lent.record(record)?.reading;
      if (reading?.state === 'opened' && record.message.direction === 'server-to-client') {
        this.#opened = true;
        this.#count += reading.handshake.filter(({ bytes }) => bytes[0] === NEW_SESSION_TICKET).length;
      }
      if (this.#lent.taken >= MOST_BYTES) return;
    }
  }
}
