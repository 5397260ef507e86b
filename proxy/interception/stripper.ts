import { createServer, type Agent, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { Carrier, type Errand } from './carrier.ts';
import { forwarded } from './forwarding.ts';
import { isChunked, valuesOf } from './headers.ts';
import type { EngineLimits, ImpersonationPlan, Reading } from './messages.ts';
import { refusalBody, refusalText } from './refusal-text.ts';
import { readAuthority } from './route-table.ts';
import type { Context } from './sealed-proxy.ts';
import { restoreRequest, stripAnswer } from './strip-fields.ts';
import { isStrippable, StrippedText } from './strip-text.ts';
import { asksForWebSocket, openWebSocketLeg } from './web-socket-leg.ts';

// More than this of one answer is not told.
const longestTold = 16 << 10;

const malformed = { status: 400, reason: 'malformed' } as const;
const elsewhere = { status: 421, reason: 'names-disagree' } as const;

export interface StripperOptions {
  readonly plan: ImpersonationPlan & { readonly strip: NonNullable<ImpersonationPlan['strip']> };
  readonly limits: EngineLimits;
  /** Told of what was changed of the site's answers. */
  readonly read: (reading: Reading) => void;
}

/**
 * Speaks HTTP with the victim in the name of one site, and TLS with the site itself, whose certificate it checks (RFC
 * 9525) as any client should. What would lead the victim to HTTPS is taken out of the answers, and what would tell the site
 * is put right in the requests. For each connection of the victim there is one onward.
 */
export class Stripper extends Carrier {
  readonly #options: StripperOptions;
  readonly #agents = new WeakMap<object, HttpsAgent>();
  readonly #open = new Set<HttpsAgent>();
  readonly #clients = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  constructor(options: StripperOptions) {
    super(options.limits);
    this.#options = options;
    this.onResponseHeaders((context, next) => {
      this.#strip(context);
      next();
    });
  }

  /** Listens on 127.0.0.1 and answers the port. */
  async open(): Promise<number> {
    const { limits } = this.#options;
    const server = createServer({
      ...{ maxHeaderSize: limits.headerBytes, headersTimeout: limits.headerMilliseconds },
      ...{ requestTimeout: 0, noDelay: true },
    });
    server.timeout = limits.idleMilliseconds;
    server.maxConnections = limits.connections;
    server.on('connection', (client: Socket) => {
      this.#clients.add(client);
      client.once('close', () => this.#clients.delete(client));
    });
    server.on('request', (request, response) => this._onHttpServerRequest(false, request, response));
    server.on('upgrade', (request, client: Socket, head) => this.#upgrade(request, client, head));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    server.on('error', () => undefined);
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    return this.#port;
  }

  override _onHttpServerRequest(_isTls: boolean, request: IncomingMessage, response: ServerResponse): void {
    if (!this.takesMore(request)) return;
    const { name, strip } = this.#options.plan;
    const refusal = this.#refusalOf(request);
    if (refusal) {
      const { body, headers } = refusalBody(refusal.reason);
      request.on('error', () => undefined);
      response.on('error', () => undefined);
      request.resume();
      response.writeHead(refusal.status, headers).end(body);
      return;
    }
    const errand: Errand = {
      ...{ tls: true, site: { name, listen: strip.onward }, path: request.url ?? '/' },
      // No Via: a stranger does not sign what it passes on.
      headers: restoreRequest(forwarded(request, { name, port: 443 }), name),
      agent: this.#agentOf(request.socket),
    };
    this.carry(request, response, errand);
  }

  override close(): this {
    this.#server?.close();
    // Those that have become WebSockets too, which Node's server counts no more.
    for (const client of this.#clients) client.destroy();
    for (const agent of this.#open) agent.destroy();
    return this;
  }

  /** A WebSocket, for as long as the two ends want it. */
  #upgrade(request: IncomingMessage, client: Socket, head: Buffer): void {
    client.on('error', () => client.destroy());
    // The answer would come in the midst of the frames.
    if (this.isUnderWay(request)) {
      this.resetConnection(client);
      return;
    }
    const { plan, limits } = this.#options;
    // Node turns a request without Host away, but no upgrade.
    const isWhole = asksForWebSocket(request) && valuesOf(request.rawHeaders, 'host').length > 0;
    const refusal = isWhole ? this.#refusalOf(request) : malformed;
    if (refusal) {
      client.end(refusalText(refusal.status, refusal.reason));
      client.resume();
      client.setTimeout(limits.headerMilliseconds, () => client.destroy());
      return;
    }
    request.rawHeaders = restoreRequest(request.rawHeaders, plan.name);
    openWebSocketLeg({
      ...{ client, request, head, name: plan.name, secure: plan.strip },
      idleMilliseconds: limits.idleMilliseconds,
      dialled: () => undefined,
      reset: () => void client.resetAndDestroy(),
    });
  }

  /** Why a request goes nowhere: it is for somebody else, or cannot be passed on as it is. */
  #refusalOf({ rawHeaders, url = '' }: IncomingMessage): typeof malformed | typeof elsewhere | undefined {
    const { name, port } = this.#options.plan;
    const hosts = valuesOf(rawHeaders, 'host');
    if (hosts.some((host) => readAuthority(host, port) !== `${name}:${port}`)) return elsewhere;
    const isPlain = hosts.length <= 1 && url.startsWith('/') && isChunked(rawHeaders) !== undefined;
    return isPlain ? undefined : malformed;
  }

  /** Makes the answer one that leaves the victim where it is; the library has not written its head yet. */
  #strip(context: Context): void {
    const { clientToProxyRequest: request, serverToProxyResponse: answer } = context;
    if (!answer) return;
    const { name } = this.#options.plan;
    const pairs = Object.entries(answer.headers).flatMap(([field, value]) =>
      [value ?? []].flat().map((one) => [field, one] as const),
    );
    const { fields, changes } = stripAnswer(pairs, name);
    const lines = changes.map(({ name: field, before }) => `${field}: ${before}\r\n`);
    const stripped = changes.flatMap(({ name: field, after }) =>
      after === undefined ? [] : [`${field}: ${after}\r\n`],
    );
    if (lines.length > 0) this.#tell(request.socket.remotePort, lines.join(''), stripped.join(''));
    const isText = isStrippable(
      valuesOf(answer.rawHeaders, 'content-type')[0],
      valuesOf(answer.rawHeaders, 'content-encoding')[0],
    );
    // Its length is not what it was; Node puts it in chunks.
    const kept = isText ? fields.filter(([field]) => field.toLowerCase() !== 'content-length') : fields;
    const together = new Map<string, string[]>();
    for (const [field, value] of kept) together.set(field, [...(together.get(field) ?? []), value]);
    answer.headers = Object.fromEntries(
      [...together].map(([field, values]) => [field, values.length === 1 ? values[0] : values]),
    );
    if (!isText) return;
    context.responseFilters.push(
      new StrippedText(name, (before, after) => this.#tell(request.socket.remotePort, before, after)),
    );
  }

  /** One connection to the site for one of the victim, as long as that lasts. */
  #agentOf(client: Socket): Agent {
    const known = this.#agents.get(client);
    if (known) return known;
    const { name, strip } = this.#options.plan;
    const agent = new HttpsAgent({
      ...{ keepAlive: true, maxSockets: 1, ca: strip.authority, servername: name, rejectUnauthorized: true },
    });
    this.#agents.set(client, agent);
    this.#open.add(agent);
    client.once('close', () => {
      agent.destroy();
      this.#open.delete(agent);
    });
    return agent;
  }

  #tell(port: number | undefined, before: string, after: string): void {
    const base64 = (text: string) => Buffer.from(text, 'latin1').subarray(0, longestTold).toString('base64');
    this.#options.read({
      ports: { from: port ?? 0, to: this.#port },
      ...{ direction: 'server-to-client', bytes: base64(before), after: base64(after) },
    });
  }
}
