import type { Agent as HttpAgent, IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { prepareAnswer } from './forwarding.ts';
import type { EngineLimits } from './messages.ts';
import { SealedProxy, type Context, type Next } from './sealed-proxy.ts';

// Sent without waiting for answers, on one connection.
const mostPipelined = 16;

/** Where a request that was accepted goes on to, and what it says there. */
export interface Errand {
  readonly tls: boolean;
  /** Its name, and the relay's door to it on 127.0.0.1. */
  readonly site: { readonly name: string; readonly listen: number };
  readonly path: string;
  /** Field lines: name, value, name, value ... */
  readonly headers: readonly string[];
  readonly agent: HttpAgent;
  /** Stands in the answer's Via; without one there is none. */
  readonly pseudonym?: string;
}

/**
 * http-mitm-proxy's way of carrying an HTTP request, inside walls of our own. As shipped the library must not be
 * exposed; what runs of it here is `_onHttpServerRequest` alone, on requests that were checked before. What else is
 * replaced, here and in `SealedProxy`, says why.
 */
export class Carrier extends SealedProxy {
  readonly #errands = new WeakMap<IncomingMessage, Errand>();
  /** Requests under way on a client's connection. */
  readonly #underWay = new WeakMap<Socket, Set<Context>>();

  constructor(limits: EngineLimits) {
    super();
    this.options = {};
    this.timeout = limits.idleMilliseconds;
    // Makes the library leave `Connection` alone, which is Node's to write on each of the two connections.
    this.keepAlive = true;
    this.onRequest((context, next) => {
      this.#aim(context);
      next();
    });
    this.onResponse(({ clientToProxyRequest, serverToProxyResponse, proxyToClientResponse }, next) =>
      next(
        prepareAnswer(
          serverToProxyResponse,
          proxyToClientResponse,
          this.#errands.get(clientToProxyRequest)?.pseudonym,
        ),
      ),
    );
  }

  /** Whether one more request may be taken on this client's connection; where not, it has been reset. */
  protected takesMore({ socket }: IncomingMessage): boolean {
    if (this.#underWayOn(socket).size < mostPipelined) return true;
    this.resetConnection(socket);
    return false;
  }

  /** Whether an answer is still to come on this client's connection: nothing else may be written there until then. */
  protected isUnderWay({ socket }: IncomingMessage): boolean {
    return this.#underWayOn(socket).size > 0;
  }

  protected carry(request: IncomingMessage, response: ServerResponse, errand: Errand): void {
    this.#errands.set(request, errand);
    request.url = errand.path;
    // The library would answer for the one in the name of the site, and without the other, which HTTP/1.0 need not
    // send, in its own. What the site is sent is made of the raw field lines.
    delete request.headers['proxy-connection'];
    request.headers.host = errand.site.name;
    try {
      super._onHttpServerRequest(errand.tls, request, response);
    } catch {
      // Node refuses to send some of what it was willing to read.
      this.#resetClient(response);
    }
  }

  // Its own puts the error's text into the response's body and ends it as if it were whole.
  override _onError(kind: string, context: Context | null): void {
    if (!context) return;
    // The site may answer before it has read all, and close: a whole answer counts. Of one without a length Node
    // takes the reset that cuts it short for its end, and tells of it here only.
    if (kind === 'PROXY_TO_SERVER_REQUEST_ERROR' && context.serverToProxyResponse?.complete) return;
    giveUp(context);
    this.#resetClient(context.proxyToClientResponse);
  }

  // Its callback makes the request to the site. Node tells of most ends of it as errors, but drops an answer that
  // switches protocols without a word.
  override _onRequestHeaders(context: Context, callback: Next): void {
    super._onRequestHeaders(context, (error) => {
      callback(error);
      context.proxyToServerRequest?.once('close', () => {
        if (!context.serverToProxyResponse?.complete) this.#resetClient(context.proxyToClientResponse);
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

  /** Where the request goes and what it says there, in place of what the library made of its Host. */
  #aim(context: Context): void {
    const { clientToProxyRequest: request, proxyToClientResponse: response } = context;
    const errand = this.#errands.get(request);
    if (!errand) throw new Error('a request that nobody has checked');
    const underWay = this.#underWayOn(request.socket).add(context);
    response.once('close', () => {
      underWay.delete(context);
      if (!response.writableFinished) giveUp(context);
    });
    const options = {
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      host: '127.0.0.1',
      port: errand.site.listen,
      setHost: false,
      headers: errand.headers,
      agent: errand.agent,
    };
    // Node takes field lines as a list too, and then keeps their order, spelling and number; the library's types
    // know the other form only.
    context.proxyToServerRequestOptions = options as unknown as NonNullable<
      Context['proxyToServerRequestOptions']
    >;
  }

  /** Ends a client's connection in a way that nobody takes for an end. */
  protected resetConnection(client: Socket): void {
    client.resetAndDestroy();
  }

  // A reset and not an end: an answer without a length would look complete.
  #resetClient(response: ServerResponse): void {
    if (response.writableFinished) return;
    const { socket } = response;
    if (socket && !socket.destroyed) this.resetConnection(socket);
    else response.destroy();
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
