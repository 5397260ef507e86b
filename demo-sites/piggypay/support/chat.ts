import { type IncomingMessage, STATUS_CODES, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Express, Request, Response } from 'express';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Account, Accounts } from '../accounts.ts';
import { portsOf } from '../../ports.ts';
import type { RequestCount } from '../request-count.ts';
import type { Sessions } from '../sessions.ts';
import { Conversation, type Patience } from './conversation.ts';

/** Where the chat is, over `ws://` and over `wss://`. */
export const CHAT_PATH = '/support';

const LARGEST_MESSAGE = 16 * 1024;
const MOST_CHATS = 64;

export interface SupportChatParts {
  /** Answers requests that ask for another protocol than WebSocket. */
  readonly application: Express;
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly requestCount: RequestCount;
  readonly patience?: Patience;
}

/** The support chat of both twins: WebSocket (RFC 6455), text both ways, one answer a line. */
export class SupportChat {
  readonly #parts: SupportChatParts;
  readonly #conversations = new Set<Conversation>();
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: LARGEST_MESSAGE,
    // A chat has little to gain from it, the bytes on the wire would no longer be what was said, and over TLS the
    // length of what is compressed together tells of its content (RFC 7692, 10; the CRIME attack).
    perMessageDeflate: false,
  });

  constructor(parts: SupportChatParts) {
    this.#parts = parts;
    this.#server.on('wsClientError', (_error, socket, request) => {
      this.#refuse(request, socket, 400, 'This is not a WebSocket handshake.');
    });
  }

  /** Listens to `upgrade` of the servers. */
  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Whoever leaves in the middle is of no concern here.
    socket.on('error', () => undefined);
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      this.#answerAsIs(request, socket);
      return;
    }
    if (pathOf(request) !== CHAT_PATH) {
      this.#refuse(request, socket, 404, 'There is nothing at this address.');
    } else if (!isOwnOrigin(request)) {
      this.#refuse(request, socket, 403, 'The chat is for our own pages.');
    } else if (this.#conversations.size >= MOST_CHATS) {
      this.#refuse(request, socket, 503, 'The support desk is busy. Try again later.');
    } else {
      this.#open(request, socket, head);
    }
  };

  /** Ends every conversation at once. */
  dropAll(): void {
    for (const conversation of this.#conversations) conversation.drop();
  }

  close(): void {
    this.dropAll();
    this.#server.close();
  }

  #open(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      this.#count(request, 101);
      void this.#converse(webSocket, request);
    });
  }

  async #converse(socket: WebSocket, request: IncomingMessage): Promise<void> {
    const conversation = new Conversation(socket, this.#parts.patience);
    this.#conversations.add(conversation);
    socket.once('close', () => this.#conversations.delete(conversation));
    conversation.begin(await this.#accountOf(request));
  }

  /** Who is logged in, by the cookie of the handshake. */
  #accountOf(request: IncomingMessage): Promise<Account | undefined> {
    const { sessions, accounts } = this.#parts;
    // The session wants a request and an answer of Express; it reads the cookie of the one and leaves the other alone.
    const visit = request as Request;
    return new Promise((resolve) => {
      void sessions.middleware(visit, new ServerResponse(request) as Response, (error?: unknown) => {
        const mobile = error === undefined ? visit.session.mobile : undefined;
        resolve(mobile === undefined ? undefined : accounts.find(mobile));
      });
    });
  }

  /** A server may ignore the wish for another protocol (RFC 9110, 7.8): `curl --http2` asks for h2c, and gets a page. */
  #answerAsIs(request: IncomingMessage, socket: Duplex): void {
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(request.socket);
    response.once('finish', () => socket.end());
    this.#parts.application(request, response);
  }

  #refuse(request: IncomingMessage, socket: Duplex, status: number, message: string): void {
    const body = JSON.stringify({ ok: false, error: { code: 'no-chat', message } });
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Cache-Control: no-store',
      'Connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
    this.#count(request, status);
  }

  #count(request: IncomingMessage, status: number): void {
    const { method = 'GET', socket } = request;
    this.#parts.requestCount.add({ ports: portsOf(socket), method, path: pathOf(request), status });
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

/**
 * Browsers let any page open a WebSocket to any site, with that site's cookies; they say which page it was
 * (RFC 6455, 10.2). Programs that are no browsers say nothing.
 */
function isOwnOrigin({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}
