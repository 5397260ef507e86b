import { Agent as HttpAgent, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent as HttpsAgent, createServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Carrier, type Errand } from './carrier.ts';
import { forwarded } from './forwarding.ts';
import { isChunked, valuesOf } from './headers.ts';
import type { EngineLimits, ImpersonationPlan, Reading } from './messages.ts';
import { refusalBody } from './refusal-text.ts';
import { readAuthority } from './route-table.ts';

// More than this of one chunk is not told.
const longestTold = 16 << 10;

export interface ImpostorOptions {
  readonly plan: ImpersonationPlan & { readonly secure: NonNullable<ImpersonationPlan['secure']> };
  readonly limits: EngineLimits;
  /** Told of what was read inside TLS, and of what went on changed. */
  readonly read: (reading: Reading) => void;
}

/**
 * Ends TLS in the name of one site, with a certificate that was made for it beforehand, and speaks TLS with the site
 * itself, whose certificate it checks (RFC 9525) as any client should. For each connection of the victim there is one
 * onward, and none before the victim has said something inside TLS.
 */
export class Impostor extends Carrier {
  readonly #options: ImpostorOptions;
  readonly #agents = new WeakMap<object, HttpsAgent>();
  readonly #open = new Set<HttpsAgent>();
  /** The TCP connections under those of TLS, by the victim's port. */
  readonly #carriers = new Map<number, Socket>();
  #server: Server | undefined;

  constructor(options: ImpostorOptions) {
    super(options.limits);
    this.#options = options;
  }

  /** Listens on 127.0.0.1 and answers the port. */
  async open(): Promise<number> {
    const { plan, limits } = this.#options;
    const server = createServer({
      key: plan.secure.key,
      cert: plan.secure.certificate,
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headerMilliseconds,
      handshakeTimeout: limits.idleMilliseconds,
      requestTimeout: 0,
      noDelay: true,
      // Without a name, or with the site's own: any other is for somebody else, and gets nothing.
      SNICallback: (name, callback) =>
        name.toLowerCase() === plan.name ? callback(null) : callback(new Error('another name')),
    });
    server.timeout = limits.idleMilliseconds;
    server.maxConnections = limits.connections;
    // A victim that leaves is what the whole attempt is about: the ends and the wire tell of it.
    server.on('tlsClientError', () => undefined);
    server.on('connection', (carrier: Socket) => {
      const { remotePort = 0 } = carrier;
      this.#carriers.set(remotePort, carrier);
      carrier.once('close', () => this.#carriers.delete(remotePort));
    });
    server.on('secureConnection', (client) => this.#listen(client));
    server.on('request', (request, response) => this._onHttpServerRequest(true, request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    server.on('error', () => undefined);
    this.#server = server;
    return (server.address() as AddressInfo).port;
  }

  override _onHttpServerRequest(_isTls: boolean, request: IncomingMessage, response: ServerResponse): void {
    if (!this.takesMore(request)) return;
    const { name, port, secure } = this.#options.plan;
    const { rawHeaders, url = '' } = request;
    const hosts = valuesOf(rawHeaders, 'host');
    const isHere = hosts.every((host) => readAuthority(host, port) === `${name}:${port}`);
    if (!isHere || hosts.length > 1 || !url.startsWith('/') || isChunked(rawHeaders) === undefined) {
      const { body, headers } = refusalBody(isHere ? 'malformed' : 'names-disagree');
      request.on('error', () => undefined);
      response.on('error', () => undefined);
      request.resume();
      response.writeHead(isHere ? 400 : 421, headers).end(body);
      return;
    }
    const errand: Errand = {
      ...{ tls: true, site: { name, listen: secure.onward }, path: url },
      // No Via: a stranger does not sign what it passes on.
      headers: forwarded(request, { name, port }),
      agent: this.#agentOf(request.socket),
    };
    this.carry(request, response, errand);
  }

  override _onRequestData(...[context, chunk, callback]: Parameters<Carrier['_onRequestData']>): void {
    const { clientToProxyRequest: request } = context;
    const changed = this.#rewrite(request, chunk);
    if (changed) {
      const { socket } = request;
      this.#tell(socket.remotePort, 'client-to-server', chunk, changed);
    }
    super._onRequestData(context, changed ?? chunk, callback);
  }

  // A connection of TLS cannot be reset, only closed, which the alert before it would make look like an end.
  protected override resetConnection(client: Socket): void {
    this.#carriers.get(client.remotePort ?? 0)?.resetAndDestroy();
    client.destroy();
  }

  override close(): this {
    this.#server?.close();
    // Those in the middle of a handshake too, which Node's server does not count yet.
    for (const carrier of this.#carriers.values()) carrier.destroy();
    for (const agent of this.#open) agent.destroy();
    return this;
  }

  #listen(client: TLSSocket): void {
    client.on('error', () => client.destroy());
    // Node's server, which has it by now, reads past the stream; with somebody else listening both are given what comes.
    client.on('data', (chunk: Buffer) => this.#tell(client.remotePort, 'client-to-server', chunk));
  }

  /** One connection to the site for one of the victim, as long as that lasts. */
  #agentOf(client: Socket): HttpAgent {
    const known = this.#agents.get(client);
    if (known) return known;
    const { name, secure } = this.#options.plan;
    const agent = new HttpsAgent({
      ...{ keepAlive: true, maxSockets: 1, ca: secure.authority, servername: name, rejectUnauthorized: true },
    });
    this.#agents.set(client, agent);
    this.#open.add(agent);
    const { remotePort } = client;
    client.once('close', () => {
      agent.destroy();
      this.#open.delete(agent);
    });
    const dial = agent.createConnection.bind(agent);
    agent.createConnection = (...given) => {
      const site = dial(...given);
      site?.on('data', (chunk: Buffer) => this.#tell(remotePort, 'server-to-client', chunk));
      return site;
    };
    return agent;
  }

  /** One chunk with other bytes in it, as many as there were; undefined where nothing in it is meant. */
  #rewrite({ method, url }: IncomingMessage, chunk: Buffer): Buffer | undefined {
    const { rewrite } = this.#options.plan;
    if (!rewrite || method !== 'POST' || url !== rewrite.path) return undefined;
    const at = chunk.indexOf(rewrite.from);
    if (at === -1) return undefined;
    const changed = Buffer.from(chunk);
    changed.write(rewrite.to, at);
    return changed;
  }

  #tell(port: number | undefined, direction: Reading['direction'], bytes: Buffer, after?: Buffer): void {
    this.#options.read({
      ...{ port: port ?? 0, direction, bytes: bytes.subarray(0, longestTold).toString('base64') },
      ...(after && { after: after.subarray(0, longestTold).toString('base64') }),
    });
  }
}
