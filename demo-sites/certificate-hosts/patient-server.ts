import { Server, type ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';

/** All that `setSecureContext` takes. */
export interface HostSecrets extends TlsOptions {
  /** PEM. */
  readonly key: string;
  readonly cert: string;
}

/**
 * An HTTPS server that makes its certificate when somebody first connects, so that a lab with many of them starts
 * at once: an RSA key alone takes longer than everything else. Whoever connects meanwhile waits.
 */
export class PatientServer extends Server {
  readonly #makeSecrets: () => Promise<HostSecrets>;
  #secrets: Promise<HostSecrets> | undefined;

  /** What `makeSecrets` rejects with is warned of. */
  constructor(options: ServerOptions, makeSecrets: () => Promise<HostSecrets>) {
    // Nothing may be read from a socket before TLS listens to it.
    super({ ...options, pauseOnConnect: true });
    this.#makeSecrets = makeSecrets;
  }

  /** Its key, its certificate and what else it was given; made now where nobody has connected yet. */
  secrets(): Promise<HostSecrets> {
    this.#secrets ??= this.#makeSecrets().then((secrets) => {
      this.setSecureContext(secrets);
      return secrets;
    });
    // The next one to ask tries again.
    this.#secrets.catch(() => (this.#secrets = undefined));
    return this.#secrets;
  }

  override emit(event: string | symbol, ...given: unknown[]): boolean {
    if (event !== 'connection') return super.emit(event as string, ...given);
    const socket = given[0] as Socket;
    this.secrets().then(
      () => super.emit('connection', socket),
      (error: unknown) => {
        process.emitWarning(`a certificate could not be made: ${String(error)}`);
        socket.destroy();
      },
    );
    return true;
  }
}
