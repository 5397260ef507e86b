import { Server, type ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';

/**
 * An HTTPS server that makes its certificate when somebody first connects, so that a lab with many of them starts
 * at once: an RSA key alone takes longer than everything else. Whoever connects meanwhile waits.
 */
export class PatientServer extends Server {
  readonly #makeSecrets: () => Promise<TlsOptions>;
  #ready: Promise<void> | undefined;

  /** `makeSecrets` answers key, certificate and all that `setSecureContext` takes; what it rejects with is warned of. */
  constructor(options: ServerOptions, makeSecrets: () => Promise<TlsOptions>) {
    // Nothing may be read from a socket before TLS listens to it.
    super({ ...options, pauseOnConnect: true });
    this.#makeSecrets = makeSecrets;
  }

  override emit(event: string | symbol, ...given: unknown[]): boolean {
    if (event !== 'connection') return super.emit(event as string, ...given);
    this.#ready ??= this.#makeSecrets().then((secrets) => {
      this.setSecureContext(secrets);
    });
    const socket = given[0] as Socket;
    this.#ready.then(
      () => super.emit('connection', socket),
      (error: unknown) => {
        this.#ready = undefined;
        process.emitWarning(`a certificate could not be made: ${String(error)}`);
        socket.destroy();
      },
    );
    return true;
  }
}
