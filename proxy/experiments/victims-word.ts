import type { ConnectionId } from '#contract';
import { X509Certificate } from 'node:crypto';
import type { VictimTls } from '../victim/request.ts';
import type { ExperimentContext } from './experiment.ts';

/** Of which connection the victim speaks. */
export interface Spoken {
  readonly host: string;
  connection(): ConnectionId | undefined;
  /** Its session began in an earlier connection. */
  isResumed(): boolean;
}

/** What the victim tells the log of a handshake, as at any login: its keys, and the certificates that it was shown. */
export function victimsWord(
  { lab, signal }: ExperimentContext,
  spoken: Spoken,
): Required<Pick<VictimTls, 'shown' | 'keyLogged'>> {
  const { log, authorityPem } = lab;
  return {
    keyLogged(line) {
      const connection = spoken.connection();
      if (signal.aborted || connection === undefined) return;
      log.append({ type: 'secrets-logged', vantage: 'victim', connection, line });
    },
    shown({ chain, error }) {
      const connection = spoken.connection();
      if (signal.aborted || connection === undefined) return;
      const told = { vantage: 'victim', connection } as const;
      // Of a resumed session, Node may answer what it remembers: the site showed nothing this time.
      if (chain.length > 0 && !spoken.isResumed()) {
        const trusted = [new Uint8Array(new X509Certificate(authorityPem).raw)];
        const { host } = spoken;
        log.append({ type: 'certificate-received', ...told, host, chain, trusted, ...(error && { error }) });
      }
      if (error) log.append({ type: 'handshake-failed', ...told, ...error });
    },
  };
}
