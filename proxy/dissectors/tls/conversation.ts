import type { Direction } from '../message.ts';
import { isTls13 } from './versions.ts';

/** What the two directions of one TLS connection must know of each other, as far as it is in clear. */
export class TlsConversation {
  /** The version that was agreed on; unknown until the ServerHello. */
  version: number | undefined;
  /** The suite that was chosen with it. */
  cipherSuite: number | undefined;
  serverHelloSeen = false;
  offersEarlyData = false;
  readonly #changedCipher = { 'client-to-server': false, 'server-to-client': false };
  #clientFinished = false;

  /** The handshake is over as far as it can be told from outside: the client's Finished has passed. */
  get clientFinished(): boolean {
    return this.#clientFinished;
  }

  changeCipher(direction: Direction): void {
    this.#changedCipher[direction] = true;
  }

  /**
   * Whether handshake and alert records of this direction are encrypted. In TLS 1.2 they are after Change
   * Cipher Spec; in TLS 1.3 that record is a relic, and what is encrypted goes as application data
   * (RFC 8446, 5 and D.4).
   */
  seals(direction: Direction): boolean {
    return this.#changedCipher[direction] && !isTls13(this.version);
  }

  /**
   * What the place of a sealed record suggests. In TLS 1.3 the client's first application data after the
   * ServerHello is its Finished, and what the server sends before it is the rest of the handshake; a record
   * of 19 bytes is what an alert makes: two bytes, the type and the tag (RFC 8446, 5.2 and 6). Client certificates, two bytes of data, or data that a
   * server sends early, would be taken for something else: hence a guess.
   */
  guess(direction: Direction, length: number): 'handshake' | 'early-data' | 'alert' | undefined {
    if (!isTls13(this.version))
      return this.offersEarlyData && !this.serverHelloSeen ? 'early-data' : undefined;
    if (direction === 'server-to-client' && !this.#clientFinished) return 'handshake';
    if (direction === 'client-to-server' && !this.#clientFinished) {
      this.#clientFinished = true;
      return 'handshake';
    }
    return length === 19 ? 'alert' : undefined;
  }

  /** A sealed handshake record of TLS 1.2 from the client: its Finished. */
  sealedHandshake(direction: Direction): void {
    if (direction === 'client-to-server') this.#clientFinished = true;
  }
}
