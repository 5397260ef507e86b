import { Agent, type AgentOptions, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { addAbortSignal } from 'node:stream';
import type { TLSSocket } from 'node:tls';

export interface SecureAgentOptions extends AgentOptions {
  /** Breaks off a handshake that is under way. */
  readonly signal: AbortSignal;
  /** Told of every connection that is begun. */
  readonly opened: (socket: TLSSocket) => void;
}

/**
 * Gives a connection to requests once its handshake is over and the site has been checked. Node would let the request
 * wait inside TLS meanwhile, and when the handshake fails report the failure to write it instead of the reason.
 */
export class SecureAgent extends Agent {
  readonly #signal: AbortSignal;
  readonly #opened: SecureAgentOptions['opened'];

  constructor({ signal, opened, ...options }: SecureAgentOptions) {
    super(options);
    this.#signal = signal;
    this.#opened = opened;
  }

  override createConnection(
    options: RequestOptions,
    callback?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const socket = super.createConnection(options) as TLSSocket;
    addAbortSignal(this.#signal, socket);
    this.#opened(socket);
    const onTimeout = () =>
      socket.destroy(Object.assign(new Error('the handshake was not over in time'), { code: 'ETIMEDOUT' }));
    const onError = (error: Error) => callback?.(error, socket);
    socket.once('timeout', onTimeout);
    socket.once('error', onError);
    socket.once('secureConnect', () => {
      socket.off('timeout', onTimeout);
      socket.off('error', onError);
      callback?.(null, socket);
    });
  }
}
