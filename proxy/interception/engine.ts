import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { Socket, type AddressInfo } from 'node:net';
import type { Duplex, Readable, Writable } from 'node:stream';
import { admitConnect, admitRequest } from './admission.ts';
import { forwarded, prepareAnswer } from './forwarding.ts';
import type { EngineLimits, EngineRoute, Refusal } from './messages.ts';
import { refusalBody, refusalText } from './refusal-text.ts';
import type { RouteTable } from './route-table.ts';
import { SealedProxy, type Context, type Next } from './sealed-proxy.ts';
import { openTunnel } from './tunnel.ts';

// The relay's doors serve the victim too: requests are never to take more than a part of them, and wait instead.
const mostToSites = 128;
// Sent without waiting for answers, on one connection.
const mostPipelined = 16;

export interface EngineOptions {
  readonly table: RouteTable;
  readonly limits: EngineLimits;
  readonly refused: (refusal: Refusal) => void;
}

/**
 * The explicit proxy: http-mitm-proxy's way of carrying an HTTP request, inside walls of our own. As shipped the
 * library must not be exposed; what runs of it here is `_onHttpServerRequest` alone, on requests that were checked
 * before. What else is replaced, here and in `SealedProxy`, says why.
 *
 * TLS is carried, never ended here. A route that is to be intercepted would be told apart in
 * `_onHttpServerConnect`, where `openTunnel` is called now, and would get a TLS server made beforehand.
 */
export class Engine extends SealedProxy {
  readonly #table: RouteTable;
  readonly #limits: EngineLimits;
  readonly #refused: (refusal: Refusal) => void;
  readonly #routes = new WeakMap<IncomingMessage, EngineRoute>();
  readonly #tunnels = new Set<Duplex>();
  /** Requests under way on a client's connection. */
  readonly #underWay = new WeakMap<Socket, Set<Context>>();

  constructor({ table, limits, refused }: EngineOptions) {
    super();
    this.#table = table;
    this.#limits = limits;
    this.#refused = refused;
    this.options = {};
    this.timeout = limits.idleMilliseconds;
    // Makes the library leave `Connection` alone, which is Node's to write on each of the two connections.
    this.keepAlive = true;
    // A connection for each request: one that is kept could be closed by the site at the moment it is used again.
    this.httpAgent = new Agent({ keepAlive: false, maxTotalSockets: mostToSites });
    this.onRequest((context, next) => {
      this.#aim(context);
      next();
    });
    this.onResponse(({ serverToProxyResponse, proxyToClientResponse }, next) =>
      next(prepareAnswer(serverToProxyResponse, proxyToClientResponse, this.#pseudonym)),
    );
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
    if (this.#underWayOn(request.socket).size >= mostPipelined) {
      request.socket.resetAndDestroy();
      return;
    }
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
    this.#routes.set(request, admission.route);
    request.url = admission.path;
    // The library would answer for the one in the name of the site, and without the other, which HTTP/1.0 need not
    // send, in its own. What the site is sent is made of the raw field lines.
    delete request.headers['proxy-connection'];
    request.headers.host = admission.route.name;
    try {
      super._onHttpServerRequest(false, request, response);
    } catch {
      // Node refuses to send some of what it was willing to read.
      resetClient(response);
    }
  }

  // Its own puts the error's text into the response's body and ends it as if it were whole.
  override _onError(kind: string, context: Context | null): void {
    if (!context) return;
    // The site may answer before it has read all, and close: a whole answer counts. Of one without a length Node
    // takes the reset that cuts it short for its end, and tells of it here only.
    if (kind === 'PROXY_TO_SERVER_REQUEST_ERROR' && context.serverToProxyResponse?.complete) return;
    giveUp(context);
    resetClient(context.proxyToClientResponse);
  }

  // Its callback makes the request to the site. Node tells of most ends of it as errors, but drops an answer that
  // switches protocols without a word.
  override _onRequestHeaders(context: Context, callback: Next): void {
    super._onRequestHeaders(context, (error) => {
      callback(error);
      context.proxyToServerRequest?.once('close', () => {
        if (!context.serverToProxyResponse?.complete) resetClient(context.proxyToClientResponse);
      });
    });
  }

  override _onResponse(context: Context, callback: Next): void {
    super._onResponse(context, (error) => {
      try {
        callback(error);
      } catch {
        // A status or a field that Node reads but does not write: 099 is one.
        this._onError('ON_RESPONSE_ERROR', context);
      }
    });
  }

  // The library's last filters tell nobody to wait.
  override _onRequestData(
    context: Context,
    chunk: Buffer,
    callback: (error: Error | null, chunk: Buffer) => void,
  ): void {
    super._onRequestData(context, chunk, callback);
    if (context.proxyToServerRequest) holdBack(context.clientToProxyRequest, context.proxyToServerRequest);
  }

  override _onResponseData(context: Context, chunk: Buffer, callback: Next): void {
    super._onResponseData(context, chunk, callback);
    if (context.serverToProxyResponse) holdBack(context.serverToProxyResponse, context.proxyToClientResponse);
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

  /** Where the request goes and what it says there, in place of what the library made of its Host. */
  #aim(context: Context): void {
    const { clientToProxyRequest: request, proxyToClientResponse: response } = context;
    const route = this.#routes.get(request);
    if (!route) throw new Error('a request that nobody has checked');
    const underWay = this.#underWayOn(request.socket).add(context);
    response.once('close', () => {
      underWay.delete(context);
      if (!response.writableFinished) giveUp(context);
    });
    const options = {
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      host: '127.0.0.1',
      port: route.listen,
      setHost: false,
      headers: forwarded(request, route, this.#pseudonym),
      agent: this.httpAgent,
    };
    // Node takes field lines as a list too, and then keeps their order, spelling and number; the library's types
    // know the other form only.
    context.proxyToServerRequestOptions = options as unknown as NonNullable<
      Context['proxyToServerRequestOptions']
    >;
  }

  // A client that leaves is told of on its connection only: an answer that waits for its turn hears nothing.
  #underWayOn(client: Socket): Set<Context> {
    const known = this.#underWay.get(client);
    if (known) return known;
    const underWay = new Set<Context>();
    this.#underWay.set(client, underWay);
    client.once('close', () => {
      for (const context of underWay) giveUp(context);
    });
    return underWay;
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

function giveUp({ proxyToServerRequest, serverToProxyResponse }: Context): void {
  proxyToServerRequest?.destroy();
  serverToProxyResponse?.destroy();
}

function holdBack(from: Readable, to: Writable): void {
  if (!to.writableNeedDrain || from.isPaused()) return;
  from.pause();
  to.once('drain', () => from.resume());
}

// A reset and not an end: an answer without a length would look complete.
function resetClient(response: ServerResponse): void {
  if (response.writableFinished) return;
  const { socket } = response;
  if (socket && !socket.destroyed) socket.resetAndDestroy();
  else response.destroy();
}
