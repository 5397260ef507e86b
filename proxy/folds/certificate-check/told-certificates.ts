import type {
  CertificateReceived,
  ConnectionId,
  HandshakeFailed,
  RequestHandled,
  ToldEvent,
} from '#contract';
import type { VictimVerdict } from './certificate-case.ts';

/** What the ends told of one connection. */
export interface ToldCertificate {
  received?: Pick<CertificateReceived, 'host' | 'chain' | 'trusted'>;
  verdict?: VictimVerdict;
  requests: number;
  logins: number;
}

// Longer than any lesson; a browser that keeps trying would fill the memory otherwise.
const MOST_CONNECTIONS = 500;
const LOGIN_PATH = '/api/v1/login';

/** What the victim and the site told, by connection: certificates, verdicts, counted requests. */
export class ToldCertificates {
  readonly #connections = new Map<ConnectionId, ToldCertificate>();
  #trusted: readonly Uint8Array[] | undefined;

  /** Whom the victim said that it trusts, most recently. */
  get trusted(): readonly Uint8Array[] | undefined {
    return this.#trusted;
  }

  of(connection: ConnectionId): ToldCertificate | undefined {
    return this.#connections.get(connection);
  }

  apply(event: ToldEvent): void {
    if (isOfKeys(event) || event.connection === undefined) return;
    const told = this.#note(event.connection);
    if (event.type === 'request-handled') {
      told.requests += 1;
      if (event.method === 'POST' && event.path === LOGIN_PATH) told.logins += 1;
    } else if (event.type === 'certificate-received') {
      const { host, chain, trusted, error } = event;
      told.received = { host, chain, trusted };
      told.verdict = error ? { isSatisfied: false, ...error } : { isSatisfied: true };
      this.#trusted = trusted;
    } else if (event.vantage === 'victim') {
      const { code, message } = event;
      told.verdict ??= { isSatisfied: false, code, message };
    }
  }

  #note(connection: ConnectionId): ToldCertificate {
    const known = this.#connections.get(connection);
    if (known) return known;
    const fresh: ToldCertificate = { requests: 0, logins: 0 };
    this.#connections.set(connection, fresh);
    for (const oldest of this.#connections.keys()) {
      if (this.#connections.size <= MOST_CONNECTIONS) break;
      this.#connections.delete(oldest);
    }
    return fresh;
  }
}

/** What says nothing of how a certificate fared. */
function isOfKeys(
  event: ToldEvent,
): event is Exclude<ToldEvent, RequestHandled | HandshakeFailed | CertificateReceived> {
  return (
    event.type === 'secret-entered' ||
    event.type === 'secrets-logged' ||
    event.type === 'private-key-leaked' ||
    event.type === 'key-share-told'
  );
}
