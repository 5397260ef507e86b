import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { Listener } from '../listener.ts';
import type { Report } from '../told.ts';
import { type KnownNames, TTL_SECONDS, answerTo } from './answer.ts';

const PATH = '/dns-query';
const MEDIA_TYPE = 'application/dns-message';
// What the length field of DNS over TCP can say; no message is longer (RFC 1035, 4.2.2).
const LONGEST_QUERY = 65_535;
// Longer than a class looks at bytes that are held up on the way.
const PATIENCE = 10 * 60_000;
const LIMITS = { headersTimeout: PATIENCE, requestTimeout: PATIENCE, handshakeTimeout: PATIENCE };

export interface HttpsResolverOptions {
  /** PEM. */
  readonly tls: { readonly key: string; readonly cert: string };
  readonly names: KnownNames;
  readonly report: Report;
}

export interface HttpsResolver {
  readonly port: number;
  dropConnections(): void;
  close(): Promise<void>;
}

/**
 * Starts the same DNS server over HTTPS (DoH, RFC 8484) on 127.0.0.1: queries as `POST /dns-query` or
 * `GET /dns-query?dns=BASE64URL`, answers as over UDP. It speaks HTTP/1.1, which the RFC allows (5.2 recommends
 * HTTP/2), so that what a lent key opens can be read.
 */
export async function startHttpsResolver(options: HttpsResolverOptions): Promise<HttpsResolver> {
  const { tls, names, report } = options;
  const listener = new Listener(
    createServer(
      { ...tls, ...LIMITS, minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] },
      (request, response) => {
        handle(request, response, names).catch(() => request.socket.destroy());
      },
    ),
  );
  listener.reportHandshakes(report);
  return {
    port: await listener.listen(0),
    dropConnections: () => {
      listener.dropConnections();
    },
    close: () => listener.close(),
  };
}

async function handle(request: IncomingMessage, response: ServerResponse, names: KnownNames): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '', 'https://resolver.test');
  if (pathname !== PATH) {
    refuse(response, 404, `Queries go to ${PATH}.`);
    return;
  }
  const query =
    request.method === 'POST'
      ? await postedQuery(request)
      : request.method === 'GET'
        ? queryInAddress(searchParams.get('dns'))
        : 405;
  const answer = typeof query === 'number' ? query : (answerTo(query, names) ?? 400);
  if (typeof answer === 'number') {
    if (answer === 405) response.setHeader('Allow', 'GET, POST');
    refuse(response, answer, REASONS[answer]);
    return;
  }
  response.writeHead(200, {
    'Content-Type': MEDIA_TYPE,
    'Content-Length': answer.length,
    // No longer than the shortest TTL of the answer (RFC 8484, 5.1).
    'Cache-Control': `max-age=${TTL_SECONDS}`,
  });
  response.end(answer);
}

type Status = 400 | 405 | 413 | 415;

const REASONS: Readonly<Record<Status, string>> = {
  400: 'Send one DNS query: as the body, or in ?dns= as base64url without padding.',
  405: 'Queries are sent with GET or POST.',
  413: `A DNS message has at most ${LONGEST_QUERY} bytes.`,
  415: `The body must be ${MEDIA_TYPE}.`,
};

async function postedQuery(request: IncomingMessage): Promise<Buffer | Status> {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== MEDIA_TYPE) return 415;
  const chunks: Buffer[] = [];
  let length = 0;
  // Left early, the stream must not take the connection with it: the refusal is still to be sent.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_QUERY) return 413;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function queryInAddress(text: string | null): Buffer | Status {
  return text !== null && /^[\w-]+$/.test(text) ? Buffer.from(text, 'base64url') : 400;
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' });
  response.end(`${why}\n`);
}
