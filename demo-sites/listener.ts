import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type PortPair, portsOf } from './ports.ts';
import type { Report } from './told.ts';

const HOST = '127.0.0.1';
const MOST_CONNECTIONS = 512;
const MOST_HEADERS = 100;

/** An HTTP or HTTPS server on loopback that knows its connections, those still shaking hands among them. */
export class Listener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(server: Server) {
    this.#server = server;
    server.maxConnections = MOST_CONNECTIONS;
    server.maxHeadersCount = MOST_HEADERS;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** Answers the port. Rejects with Node's own error, EADDRINUSE for one. */
  async listen(port: number): Promise<number> {
    this.#server.listen(port, HOST);
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** Tells the lines of the key log and the handshakes that failed; for HTTPS. */
  reportHandshakes(report: Report): void {
    this.#server.on('keylog', (line: Buffer, socket: TLSSocket) => {
      report({ type: 'secrets-logged', ports: portsOf(socket), line: line.toString('latin1').trimEnd() });
    });
    this.#server.on(
      'tlsClientError',
      (error: NodeJS.ErrnoException & { reason?: string }, socket: TLSSocket) => {
        report({
          type: 'handshake-failed',
          // Of a client that has left without a word they are known from its key log.
          ports: portsOf(socket),
          code: error.code ?? 'unknown',
          // OpenSSL's own words, without its source lines: `tlsv1 alert unknown ca`.
          message: error.reason ?? error.message,
        });
      },
    );
  }

  /** Those of the connections that are open now. */
  get ports(): readonly PortPair[] {
    return [...this.#sockets].flatMap((socket) => portsOf(socket) ?? []);
  }

  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = this.#server.listening ? once(this.#server, 'close') : undefined;
    this.#server.close();
    this.dropConnections();
    await closed;
  }
}
