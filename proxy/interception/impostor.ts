import type { RefusalReason } from '#contract';
import { Agent as HttpAgent, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent as HttpsAgent, createServer } from 'node:https';
import { once } from 'node:events';
import { type AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { Carrier, type Errand } from './carrier.ts';
import { forwarded } from './forwarding.ts';
import { isChunked, valuesOf } from './headers.ts';
import { holdBody, longestHeldBody, withBody, withLength, withMembers } from './held-body.ts';
import type { EngineLimits, ImpersonationPlan, PortPair, Reading, Sight } from './messages.ts';
import { refusalBody, refusalText } from './refusal-text.ts';
import { readAuthority } from './route-table.ts';
import { asksForWebSocket, openWebSocketLeg } from './web-socket-leg.ts';

// More than this of one chunk is not told.
const longestTold = 16 << 10;

export interface ImpostorOptions {
  readonly plan: ImpersonationPlan & { readonly secure: NonNullable<ImpersonationPlan['secure']> };
  readonly limits: EngineLimits;
  /** Told of what was read inside TLS, and of what went on changed. */
  readonly read: (reading: Reading) => void;
  /** Told of connections: that one was broken off before TLS was set up, and which goes on for it. */
  readonly see: (sight: Sight) => void;
}

interface Fault {
  readonly status: number;
  readonly reason: RefusalReason;
}

const malformed: Fault = { status: 400, reason: 'malformed' };

/**
 * Ends TLS in the name of one site, with a certificate that was made for it beforehand, and speaks TLS with the site
 * itself, whose certificate it checks (RFC 9525) as any client should. For each connection of the victim there is one
 * onward, and none before the victim has said something inside TLS.
 */
export class Impostor extends Carrier {
  readonly #options: ImpostorOptions;
  readonly #agents = new WeakMap<object, HttpsAgent>();
  readonly #open = new Set<HttpsAgent>();
  /** The TCP connections under those of TLS, by the victim's port: they all come to the same one. */
  readonly #carriers = new Map<number, Socket>();
  /** Those in whose handshake nothing is open any more, and what was said where one was broken off; by the same port. */
  readonly #secured = new Set<number>();
  readonly #alerts = new Map<number, string>();
  #server: Server | undefined;
  #port = 0;

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
    // A victim that leaves is what the whole attempt is about: the ends and the wire tell of it too.
    server.on('tlsClientError', ({ code }: NodeJS.ErrnoException, { remotePort }) => {
      // Without an alert the other end is gone already, and its port with it.
      if (remotePort !== undefined && code !== undefined) this.#alerts.set(remotePort, code);
    });
    server.on('connection', (carrier: Socket) => this.#keep(carrier));
    server.on('secureConnection', (client) => this.#listen(client));
    server.on('request', (request, response) => this._onHttpServerRequest(true, request, response));
    server.on('upgrade', (request, client, head) => this.#upgrade(request, client, head));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    server.on('error', () => undefined);
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    return this.#port;
  }

  override _onHttpServerRequest(_isTls: boolean, request: IncomingMessage, response: ServerResponse): void {
    if (!this.takesMore(request)) return;
    const fault = this.#faultOf(request);
    if (fault) {
      const { body, headers } = refusalBody(fault.reason);
      request.on('error', () => undefined);
      response.on('error', () => undefined);
      request.resume();
      response.writeHead(fault.status, headers).end(body);
      return;
    }
    const headers = forwarded(request, this.#options.plan);
    if (this.#isMeant(request))
      this.#rewrite(request, response, headers).catch(() => this.resetConnection(request.socket));
    else this.#passOn(request, response, headers);
  }

  #passOn(request: IncomingMessage, response: ServerResponse, headers: readonly string[]): void {
    const { name, secure } = this.#options.plan;
    const errand: Errand = {
      ...{ tls: true, site: { name, listen: secure.onward }, path: request.url ?? '/' },
      // No Via: a stranger does not sign what it passes on.
      ...{ headers, agent: this.#agentOf(request.socket) },
    };
    this.carry(request, response, errand);
  }

  #faultOf({ rawHeaders, url = '' }: IncomingMessage): Fault | undefined {
    const { name, port } = this.#options.plan;
    const hosts = valuesOf(rawHeaders, 'host');
    const isHere = hosts.every((host) => readAuthority(host, port) === `${name}:${port}`);
    if (!isHere) return { status: 421, reason: 'names-disagree' };
    const isMalformed = hosts.length > 1 || !url.startsWith('/') || isChunked(rawHeaders) === undefined;
    return isMalformed ? { status: 400, reason: 'malformed' } : undefined;
  }

  /** The one request that is to go on changed, unless it says that it is too long to be held. */
  #isMeant({ method, url, rawHeaders }: IncomingMessage): boolean {
    const { rewrite } = this.#options.plan;
    const [length = '0'] = valuesOf(rawHeaders, 'content-length');
    return method === 'POST' && url?.split('?', 1)[0] === rewrite?.path && Number(length) <= longestHeldBody;
  }

  /** Holds it until all of it has come: a value may be cut in two, and as long as it likes. */
  async #rewrite(request: IncomingMessage, response: ServerResponse, headers: string[]): Promise<void> {
    const body = await holdBody(request).catch(() => null);
    // Broken off: nothing of it has gone on.
    if (body === null) return;
    if (body === undefined) {
      this.#passOn(request, response, headers);
      return;
    }
    const changed = withMembers(body, this.#options.plan.rewrite?.members ?? {});
    if (changed) this.#tell(request.socket.remotePort, 'client-to-server', body, changed);
    const lines = changed ? withLength(headers, changed.length) : headers;
    this.#passOn(withBody(request, changed ?? body), response, lines);
  }

  /** A WebSocket, for as long as the two ends want it. */
  #upgrade(request: IncomingMessage, client: Duplex, head: Buffer): void {
    if (!(client instanceof TLSSocket)) {
      client.destroy();
      return;
    }
    // The answer would come in the midst of the frames.
    if (this.isUnderWay(request)) {
      client.on('error', () => undefined);
      this.resetConnection(client);
      return;
    }
    const isWhole = asksForWebSocket(request) && valuesOf(request.rawHeaders, 'host').length === 1;
    const fault = this.#faultOf(request) ?? (isWhole ? undefined : malformed);
    if (fault) {
      client.on('error', () => undefined).end(refusalText(fault.status, fault.reason));
      return;
    }
    const { plan, limits } = this.#options;
    const { remotePort } = client;
    openWebSocketLeg({
      ...{ client, request, head, name: plan.name, secure: plan.secure },
      idleMilliseconds: limits.idleMilliseconds,
      dialled: (site) => this.#followOnward(site, remotePort),
      reset: () => this.resetConnection(client),
    });
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

  #keep(carrier: Socket): void {
    const { remotePort: port = 0 } = carrier;
    this.#carriers.set(port, carrier);
    carrier.once('close', () => {
      const code = this.#alerts.get(port);
      const isSecured = this.#secured.delete(port);
      this.#carriers.delete(port);
      this.#alerts.delete(port);
      const ports = this.#portsFrom(port);
      if (!isSecured) this.#options.see({ type: 'left', ports, ...(code !== undefined && { code }) });
    });
  }

  #listen(client: TLSSocket): void {
    if (client.remotePort !== undefined) this.#secured.add(client.remotePort);
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
      if (site instanceof Socket) this.#followOnward(site, remotePort);
      return site;
    };
    return agent;
  }

  #followOnward(site: Socket, port: number | undefined): void {
    site.once('connect', () => {
      if (port !== undefined && site.localPort !== undefined)
        this.#options.see({ type: 'went-on', ports: this.#portsFrom(port), from: site.localPort });
    });
    site.on('data', (chunk: Buffer) => this.#tell(port, 'server-to-client', chunk));
  }

  #tell(port: number | undefined, direction: Reading['direction'], bytes: Buffer, after?: Buffer): void {
    const ports = this.#portsFrom(port);
    this.#options.read({
      ...{ ports, direction, bytes: bytes.subarray(0, longestTold).toString('base64') },
      ...(after && { after: after.subarray(0, longestTold).toString('base64') }),
    });
  }

  #portsFrom(port = 0): PortPair {
    return { from: port, to: this.#port };
  }
}
