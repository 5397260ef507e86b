import type { ConnectionId } from '#contract';
import type { CaptureLog } from '../capture/log.ts';
import { openerOf } from '../capture/openers.ts';
import { asEvent, type SiteWord } from '../site-events.ts';

/** Writes what sites tell into the log, each word with the connection that it is about. */
export class SiteEars {
  readonly #log: CaptureLog;
  readonly #browserRefused: () => void;

  /** `browserRefused`: the demo browser has turned down a certificate that it was to trust. */
  constructor(log: CaptureLog, browserRefused: () => void) {
    this.#log = log;
    this.#browserRefused = browserRefused;
  }

  /** Answers the connection, if it is of this capture. */
  readonly note = (word: SiteWord): ConnectionId | undefined => {
    const connection = this.#log.connectionOfUpstreamPorts(word.ports);
    // Of a connection that a reset has ended, or of somebody who came past the relay: not of this capture.
    if (connection !== undefined) this.#log.append(asEvent(word, connection));
    return connection;
  };

  /** The same, of a site whose certificate everybody is to trust. */
  readonly hear = (word: SiteWord): void => {
    const connection = this.note(word);
    if (connection === undefined) return;
    if (word.type !== 'handshake-failed' || !refusesOurCertificate(word.code)) return;
    if (openerOf(this.#log, connection) === 'demo-browser') this.#browserRefused();
  };
}

// The alerts with which a client turns down an issuer it does not know (RFC 8446, 6.2).
function refusesOurCertificate(code: string): boolean {
  return /UNKNOWN_CA|CERTIFICATE_UNKNOWN/.test(code);
}
