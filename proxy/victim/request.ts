import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { dialledPorts, type PortPair } from '../capture/port-pair.ts';
import { SecureAgent } from './secure-agent.ts';
import { type Patience, usualPatience, whenOutOfPatience } from './patience.ts';
import { type ShownChain, watchChain } from './shown-chain.ts';
import { tellKeys } from './told-keys.ts';

/** One connection that the victim keeps for all its requests to a site. */
export interface VictimConnection {
  readonly address: string;
  readonly port: number;
  readonly host: string;
  readonly tls?: VictimTls | undefined;
  /** Breaks off whatever is under way. */
  readonly signal: AbortSignal;
  readonly patience?: Patience;
}

/** Whom the victim trusts (PEM), and who is told how the handshake went. */
export interface VictimTls {
  readonly authority: string;
  readonly shown?: (shown: ShownChain) => void;
  /** A line of its own key log (SSLKEYLOGFILE), without the line's end. */
  readonly keyLogged?: (line: string) => void;
  /** What an earlier session left behind, to resume it with. */
  readonly session?: Buffer;
  /** Told of every connection that is begun. */
  readonly opened?: (socket: TLSSocket) => void;
}

export interface VictimResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly bytes: Buffer;
}

/** How the scripted victim calls itself: by it the site's own books tell it from everybody else. */
export const VICTIMS_AGENT = 'Victim/1.0 (scripted)';

const longestBody = 1 << 20;

/** Requests over one kept-alive connection, with Node's own HTTP and TLS; TLS is verified against the lab's CA. */
export class VictimClient {
  readonly #to: VictimConnection;
  readonly #agent: http.Agent;
  #ports: PortPair | undefined;
  #requests = 0;

  constructor(to: VictimConnection) {
    this.#to = to;
    const keepOne = { keepAlive: true, maxSockets: 1 };
    this.#agent = to.tls
      ? new SecureAgent({
          ...{ ...keepOne, ca: to.tls.authority, servername: to.host, signal: to.signal },
          ...(to.tls.session && { session: to.tls.session }),
          opened: (socket) => {
            this.#remember(socket);
            if (to.tls?.shown) watchChain(socket, to.tls.shown);
            if (to.tls?.keyLogged) tellKeys(socket, to.tls.keyLogged);
            to.tls?.opened?.(socket);
          },
        })
      : new http.Agent(keepOne);
  }

  /** By which the log knows the connection. */
  get ports(): PortPair | undefined {
    return this.#ports;
  }

  get requests(): number {
    return this.#requests;
  }

  /** How many connections lie idle in its pool, to be used again. */
  get idle(): number {
    return Object.values(this.#agent.freeSockets).reduce((sum, sockets) => sum + (sockets?.length ?? 0), 0);
  }

  /** Rejects with the socket's, the certificate's or the parser's error. */
  send(
    method: 'GET' | 'POST',
    path: string,
    headers: http.OutgoingHttpHeaders = {},
    body?: string | Buffer,
  ): Promise<VictimResponse> {
    const { address, port, host, tls, signal, patience = usualPatience } = this.#to;
    const options: http.RequestOptions = {
      agent: this.#agent,
      signal,
      host: address,
      port,
      method,
      path,
      headers: {
        Host: host,
        'User-Agent': VICTIMS_AGENT,
        Accept: '*/*',
        ...headers,
        ...(body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }),
      },
    };
    return new Promise((resolve, reject) => {
      const request = (tls ? https : http).request(options, (response) => {
        readBody(response).then(
          (bytes) => resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes }),
          reject,
        );
      });
      request.on('socket', (socket) => {
        this.#remember(socket);
      });
      const answered = whenOutOfPatience(patience, (error) => request.destroy(error));
      request.once('close', answered);
      request.on('error', reject);
      this.#requests += 1;
      request.end(body);
    });
  }

  #remember(socket: Socket): void {
    // A kept one that has just ended has none any more, and was known by these.
    const remember = () => (this.#ports = dialledPorts(socket, this.#to.port) ?? this.#ports);
    if (socket.connecting) socket.once('connect', remember);
    else remember();
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function readBody(response: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longestBody)
      throw Object.assign(new Error('the answer is longer than 1 MiB'), { code: 'E2BIG' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
