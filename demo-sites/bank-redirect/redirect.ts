import http, { type Server } from 'node:http';
import express from 'express';
import { RequestCount } from '../piggypay/request-count.ts';
import { SERVER_LIMITS } from '../piggypay/piggypay.ts';
import type { Report } from '../told.ts';

/** A server that leads whoever comes over HTTP to the same address over HTTPS, and says nothing else. */
export interface Redirecting {
  readonly server: Server;
  readonly count: RequestCount;
}

/**
 * 301, as nearly every site has it and RFC 6797, 7.2 asks of one with HSTS; a 308 would only keep a POST a POST, and
 * nobody is to post here. No `Strict-Transport-Security`: over HTTP whoever is on the way could have written it, so sites
 * must not send it there (7.2) and browsers do not heed it (8.1).
 */
export function redirectToHttps(name: string, report: Report): Redirecting {
  const count = new RequestCount(report);
  const application = express();
  application.disable('x-powered-by');
  application.use(count.middleware, (request, response) => {
    // Of the address as it was asked for; an absolute one would bring a name of its own.
    const path = request.originalUrl.startsWith('/') ? request.originalUrl : '/';
    response.set({
      Location: `https://${name}${path}`,
      // As everything here. A browser that stores a redirect follows it unasked until it forgets: not a protection, but
      // it would look like one.
      'Cache-Control': 'no-store',
      // Nobody has anything more to say on this connection.
      Connection: 'close',
    });
    response.status(301).end();
  });
  return { server: http.createServer(SERVER_LIMITS, application), count };
}
