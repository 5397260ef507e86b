import net from 'node:net';
import tls from 'node:tls';
import { WebSocket, type ClientOptions } from 'ws';
import { dialledPorts, type PortPair } from '../capture/port-pair.ts';
import { usualPatience, whenOutOfPatience } from './patience.ts';
import type { VictimConnection } from './request.ts';
import { watchChain } from './shown-chain.ts';
import { tellKeys } from './told-keys.ts';

const longestMessage = 16 * 1024;

/** The victim in the site's support chat: one WebSocket (RFC 6455), verified against the lab's CA over `wss://`. */
export class VictimChat {
  readonly #socket: WebSocket;
  readonly #to: VictimConnection;
  #ports: PortPair | undefined;

  constructor(to: VictimConnection) {
    this.#to = to;
    const options: ClientOptions = {
      headers: { 'User-Agent': 'Victim/1.0 (scripted)' },
      // So that what is said stands in the frames as it was said, once their mask is taken off.
      perMessageDeflate: false,
      maxPayload: longestMessage,
      createConnection: () => this.#connect(),
    };
    this.#socket = new WebSocket(`${to.tls ? 'wss' : 'ws'}://${to.host}/support`, options);
  }

  /** By which the log knows the connection. */
  get ports(): PortPair | undefined {
    return this.#ports;
  }

  /**
   * Waits for the greeting, says one line, and resolves with the answer once the connection is closed. Rejects with
   * the socket's, the certificate's or the handshake's error.
   */
  async say(line: string): Promise<string> {
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      let isGreeted = false;
      let reply: string | undefined;
      let failure: Error | undefined;
      const giveUp = (code: string, why: string) => {
        failure ??= Object.assign(new Error(why), { code });
        socket.terminate();
      };
      const onAbort = () => giveUp('reset', 'The lab was reset.');
      const { signal, patience = usualPatience } = this.#to;
      const answered = whenOutOfPatience(patience, ({ code, message }) => giveUp(code, message));
      signal.addEventListener('abort', onAbort);
      socket.on('message', (data) => {
        if (!isGreeted) {
          isGreeted = true;
          socket.send(line);
          return;
        }
        // Of `ws` a message is one Buffer unless asked otherwise.
        reply ??= (data as Buffer).toString();
        socket.close(1000);
      });
      socket.once('unexpected-response', (_request, response) =>
        giveUp('chat-refused', `the site answered ${response.statusCode}`),
      );
      socket.on('error', (error) => (failure ??= error));
      socket.once('close', (code) => {
        answered();
        signal.removeEventListener('abort', onAbort);
        if (reply !== undefined) resolve(reply);
        else
          reject(
            failure ?? Object.assign(new Error(`the chat ended with code ${code}`), { code: 'chat-ended' }),
          );
      });
      if (signal.aborted) onAbort();
    });
  }

  #connect(): net.Socket {
    const { address: host, port, host: servername, tls: secure } = this.#to;
    const socket = secure
      ? tls.connect({ host, port, servername, ca: secure.authority })
      : net.connect({ host, port });
    if (secure?.shown && socket instanceof tls.TLSSocket) watchChain(socket, secure.shown);
    if (secure?.keyLogged && socket instanceof tls.TLSSocket) tellKeys(socket, secure.keyLogged);
    socket.once('connect', () => (this.#ports = dialledPorts(socket, port)));
    return socket;
  }
}
