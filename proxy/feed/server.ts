import type { BrowserStatus, DashboardToServer, ServerToDashboard } from '#contract';
import { Server as Engine } from 'engine.io';
import express, { type RequestHandler } from 'express';
import helmet from 'helmet';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { Server } from 'socket.io';
import type { CaptureLog } from '../capture/log.ts';
import { Access, type Refusal } from './access.ts';
import { apiRouter, type LabCommands } from './api.ts';
import { pacFile, pacType } from './pac.ts';
import { Viewers } from './viewers.ts';

export interface FeedOptions {
  readonly log: CaptureLog;
  readonly commands: LabCommands;
  /** Folder of the built dashboard. */
  readonly dashboard: string;
  readonly port: number;
  /** A busy port is an error; otherwise the next free one is taken. */
  readonly strictPort: boolean;
}

export interface Feed {
  readonly port: number;
  readonly token: string;
  readonly viewers: Viewers;
  tellBrowserStatus(status: BrowserStatus): void;
  close(): Promise<void>;
}

/** The dashboard's own server: its files, the HTTP calls and the stream of events, on 127.0.0.1 only. */
export async function startFeed(options: FeedOptions): Promise<Feed> {
  const server = createServer({
    maxHeaderSize: 16 << 10,
    requestTimeout: 30_000,
    headersTimeout: 10_000,
    // After Node's five seconds the connection would be closed, and a call that a script sends at that moment lost.
    keepAliveTimeout: 10 * 60_000,
  });
  server.maxConnections = 1024;
  const port = await listen(server, options.port, options.strictPort);
  const access = new Access(port);

  server.on('request', pages(access, options));
  // Websocket only: polling sends no Origin, and every transport more is one more way in.
  const engine = new Engine({
    transports: ['websocket'],
    maxHttpBufferSize: 64 << 10,
    perMessageDeflate: false,
  });
  const io = new Server<DashboardToServer, ServerToDashboard>({ serveClient: false });
  io.bind(engine);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refusal = access.refusal(request, true);
    if (refusal) refuseUpgrade(socket, refusal);
    else engine.handleUpgrade(request, socket, head);
  });
  const { log, commands } = options;
  const viewers = new Viewers(
    log,
    io,
    () => commands.stepping(),
    () => commands.attacks(),
  );

  return {
    port,
    token: access.token,
    viewers,
    tellBrowserStatus: (status) => viewers.tellBrowserStatus(status),
    async close() {
      viewers.close();
      engine.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function pages(access: Access, { commands, log, dashboard }: FeedOptions): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(headers());
  app.get('/proxy.pac', offerPac(access, commands));
  app.use(letIn(access));
  app.use('/api', apiRouter(commands, log));
  app.use(express.static(dashboard, { etag: true, cacheControl: false }));
  return app;
}

function headers(): RequestHandler {
  return helmet({
    // Loopback has no TLS to insist on.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'no-referrer' },
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        workerSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        requireTrustedTypesFor: ["'script'"],
        trustedTypes: ['svelte-trusted-html', 'plainsight-worker'],
      },
    },
  });
}

/** For whoever names our host: browsers fetch it before they know any cookie, and send no token. */
function offerPac(access: Access, commands: LabCommands): RequestHandler {
  return (request, response, next) => {
    const pac = pacFile(commands.lab());
    const refusal = access.refusal(request, false);
    if (pac === undefined || (refusal && refusal.status !== 401)) next();
    else response.type(pacType).send(pac);
  };
}

/** Turns the token of the printed address into a cookie, once, and refuses whoever has neither. */
function letIn(access: Access): RequestHandler {
  return (request, response, next) => {
    const reads = request.method === 'GET' || request.method === 'HEAD';
    const refusal = access.refusal(request, !reads);
    const offersToken = reads && request.path === '/' && access.isToken(request.query['token']);
    if (offersToken && (!refusal || refusal.status === 401)) {
      response.set('Set-Cookie', access.setCookie).redirect(303, '/');
      return;
    }
    if (!refusal) {
      next();
      return;
    }
    const { status, code, message, hint } = refusal;
    response.status(status);
    if (request.path.startsWith('/api')) response.json({ error: { code, message, hint } });
    else response.type('text/plain').send(`${message}\n${hint}\n`);
  };
}

function refuseUpgrade(socket: Duplex, { status, message, hint }: Refusal): void {
  const body = `${message}\n${hint}\n`;
  socket.on('error', () => undefined);
  socket.end(
    `HTTP/1.1 ${status} ${status === 401 ? 'Unauthorized' : 'Forbidden'}\r\nConnection: close\r\n` +
      `Content-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

const portsTried = 20;

async function listen(server: HttpServer, port: number, strict: boolean): Promise<number> {
  for (let candidate = port; ; candidate += 1) {
    try {
      server.listen(candidate, '127.0.0.1');
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    } catch (error) {
      const busy = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      const isLast = candidate >= Math.min(port + portsTried, 65_535);
      if (!busy || strict || port === 0 || isLast) throw error;
    }
  }
}
