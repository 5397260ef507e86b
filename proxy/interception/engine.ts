import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { Socket, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { admitConnect, admitRequest } from './admission.ts';
import { Carrier } from './carrier.ts';
import { forwarded } from './forwarding.ts';
import type { EngineLimits, Refusal } from './messages.ts';
import { refusalBody, refusalText } from './refusal-text.ts';
import type { RouteTable } from './route-table.ts';
import { openTunnel } from './tunnel.ts';

// The relay's doors serve the victim too: requests are never to take more than a part of them, and wait instead.
const mostToSites = 128;

export interface EngineOptions {
  readonly table: RouteTable;
  readonly limits: EngineLimits;
  readonly refused: (refusal: Refusal) => void;
}

/** The explicit proxy: CONNECT and requests in absolute form, to the sites of the table. TLS is carried, never ended here. */
export class Engine extends Carrier {
  readonly #table: RouteTable;
  readonly #limits: EngineLimits;
  readonly #refused: (refusal: Refusal) => void;
  readonly #tunnels = new Set<Duplex>();

  constructor({ table, limits, refused }: EngineOptions) {
    super(limits);
    this.#table = table;
    this.#limits = limits;
    this.#refused = refused;
    // A connection for each request: one that is kept could be closed by the site at the moment it is used again.
    this.httpAgent = new Agent({ keepAlive: false, maxTotalSockets: mostToSites });
  }

  /** Listens on 127.0.0.1 and answers the port. Rejects when it is busy. */
  async open(port: number): Promise<number> {
    const server = createServer({
      maxHeaderSize: this.#limits.headerBytes,
      headersTimeout: this.#limits.headerMilliseconds,
      // An upload takes as long as it takes; whoever sends nothing for long is idle.
      requestTimeout: 0,
      connectionsCheckingInterval: Math.max(50, Math.min(1000, this.#limits.headerMilliseconds / 4)),
      noDelay: true,
    });
    server.timeout = this.#limits.idleMilliseconds;
    server.maxConnections = this.#limits.connections;
    server.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this._onHttpServerConnect(request, socket, head),
    );
    server.on('request', (request, response) => this._onHttpServerRequest(false, request, response));
    // No listener for `upgrade`: Node then treats such a request like any other, and Upgrade is dropped as
    // hop-by-hop. A client that wants a WebSocket through a proxy asks with CONNECT (RFC 6455, 4.1).
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.on('error', () => undefined);
    this.httpServer = server;
    this.httpPort = (server.address() as AddressInfo).port;
    return this.httpPort;
  }

  // Never calls back to the library, whose code behind it writes files named after the target, keeps its servers in
  // an object that has a `constructor`, and dials 0.0.0.0.
  override _onHttpServerConnect(request: IncomingMessage, client: Duplex, head: Buffer): void {
    if (!(client instanceof Socket)) throw new TypeError('a connection that is no socket');
    client.on('error', () => client.destroy());
    this.#tunnels.add(client);
    client.once('close', () => this.#tunnels.delete(client));
    const admission = admitConnect(request, this.#table);
    if ('denial' in admission) {
      const { status, reason } = admission.denial;
      this.#tell(admission.denial);
      client.end(refusalText(status, reason));
      client.resume();
      client.setTimeout(this.#limits.headerMilliseconds, () => client.destroy());
      return;
    }
    openTunnel({
      client,
      head,
      route: admission.route,
      limits: this.#limits,
      refused: (refusal) => this.#tell({ ...refusal, target: request.url ?? '' }),
    });
  }

  override _onHttpServerRequest(_isTls: boolean, request: IncomingMessage, response: ServerResponse): void {
    if (!this.takesMore(request)) return;
    const admission = admitRequest(request, this.#table, this.#pseudonym);
    if ('denial' in admission) {
      const { status, reason } = admission.denial;
      this.#tell(admission.denial);
      const { body, headers } = refusalBody(reason);
      response.on('error', () => undefined);
      request.on('error', () => undefined);
      request.resume();
      response.writeHead(status, headers).end(body);
      return;
    }
    const { route, path } = admission;
    const headers = forwarded(request, route, this.#pseudonym);
    this.carry(request, response, {
      ...{ tls: false, site: route, path, headers, agent: this.httpAgent, pseudonym: this.#pseudonym },
    });
  }

  override close(): this {
    this.httpServer?.close();
    this.httpServer?.closeAllConnections();
    for (const tunnel of this.#tunnels) tunnel.destroy();
    return this;
  }

  get #pseudonym(): string {
    return `plainsight-${this.httpPort}`;
  }

  #tell(refusal: Refusal): void {
    const { name } = refusal;
    this.#refused({
      ...refusal,
      target: refusal.target.slice(0, 255),
      ...(name === undefined ? {} : { name: name.slice(0, 255) }),
    });
  }
}
