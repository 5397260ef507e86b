import http from 'node:http';
import https from 'node:https';
import { openAccounts } from './accounts.ts';
import { createApplication } from './application.ts';
import { Books, type Counters } from './books.ts';
import { CookieTrials } from './cookie-flags/trials.ts';
import { FailedLogins } from './failed-logins.ts';
import { Listener } from '../listener.ts';
import type { PortPair } from '../ports.ts';
import { Padding } from './padding.ts';
import { RequestCount } from './request-count.ts';
import { Sessions } from './sessions.ts';
import { SupportChat } from './support/chat.ts';
import { Tokens } from './tokens.ts';
import type { Report } from '../told.ts';

export interface PiggyPayOptions {
  /** PEM. */
  readonly tls: { readonly key: string; readonly cert: string };
  readonly report: Report;
  /** 0 or absent: any free port. */
  readonly httpPort?: number;
  readonly httpsPort?: number;
}

export interface PiggyPay {
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Those of the connections that are open over HTTPS now. */
  securePorts(): readonly PortPair[];
  /** How many requests were answered since the start or the last reset, on both twins together. */
  requestsHandled(): number;
  /** The site's own books, on both twins together. */
  readonly counters: Counters;
  /** Whether pages are filled up to lengths that tell less. Off at the start and after a reset. */
  readonly padding: Pick<Padding, 'switchOn' | 'isOn'>;
  /** Lets a server of somebody else answer as this site: same pages, same logins, same count of requests. */
  serve(server: http.Server): void;
  /** Back to as it was at the start: nobody is logged in, no token holds, nothing is counted or paid, no connection is open. */
  reset(): Promise<void>;
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

// Node's own bounds where they are good, written down because the safety of the lab rests on them.
export const SERVER_LIMITS = {
  maxHeaderSize: 16 * 1024,
  // Longer than a class looks at bytes that are held up on the way.
  headersTimeout: 10 * 60_000,
  requestTimeout: 10 * 60_000,
  // And longer than people look at the page before they type.
  keepAliveTimeout: 10 * 60_000,
} as const;

/** Starts the site on 127.0.0.1, over HTTP and over HTTPS. Rejects when a port is taken. */
export async function startPiggyPay(options: PiggyPayOptions): Promise<PiggyPay> {
  const { report } = options;
  const requestCount = new RequestCount(report);
  const books = new Books();
  const sessions = new Sessions((session, client) => {
    books.noteUse(session, client);
  });
  const tokens = new Tokens();
  const failedLogins = new FailedLogins();
  const cookieTrials = new CookieTrials();
  const padding = new Padding();
  const accounts = await openAccounts();
  const application = createApplication({
    ...{ accounts, books, sessions, tokens, failedLogins, cookieTrials, padding, requestCount, report },
  });

  const chat = new SupportChat({ application, accounts, sessions, requestCount });

  const plainServer = http.createServer(SERVER_LIMITS, application);
  const secureServer = https.createServer(
    {
      ...SERVER_LIMITS,
      ...options.tls,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: 10 * 60_000,
    },
    application,
  );
  for (const server of [plainServer, secureServer]) server.on('upgrade', chat.upgrade);
  const plain = new Listener(plainServer);
  const secure = new Listener(secureServer);
  secure.reportHandshakes(report);

  const close = async (): Promise<void> => {
    chat.close();
    await Promise.all([plain.close(), secure.close(), sessions.clear()]);
  };
  try {
    const [httpPort, httpsPort] = await Promise.all([
      plain.listen(options.httpPort ?? 0),
      secure.listen(options.httpsPort ?? 0),
    ]);
    return {
      httpPort,
      httpsPort,
      securePorts: () => secure.ports,
      requestsHandled: () => requestCount.handled,
      counters: books,
      padding,
      serve: (server) => {
        server.on('request', application);
        server.on('upgrade', chat.upgrade);
      },
      reset: async () => {
        chat.dropAll();
        plain.dropConnections();
        secure.dropConnections();
        requestCount.reset();
        failedLogins.reset();
        cookieTrials.reset();
        padding.reset();
        tokens.forget();
        books.reset();
        accounts.reset();
        await sessions.clear();
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
