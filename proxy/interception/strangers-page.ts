import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { EngineLimits } from './messages.ts';

const page =
  '<!doctype html><html lang="en"><meta charset="utf-8"><title>PiggyPay</title>' +
  '<h1>PiggyPay</h1><p>This page is the stranger’s. Over HTTP nothing says so but this sentence.</p></html>\n';

/**
 * Answers in the name of a site over HTTP, and asks nobody: a page to whoever wants one, and to everything else that all
 * is well. There is nothing to forge for it, since over HTTP a site shows no certificate.
 */
export async function openStrangersPage(limits: EngineLimits): Promise<{ server: Server; port: number }> {
  const server = createServer(
    { maxHeaderSize: limits.headerBytes, headersTimeout: limits.headerMilliseconds },
    (request, response) => {
      request.on('error', () => undefined).resume();
      response.on('error', () => undefined);
      const isPage = request.method === 'GET' && request.headers.accept?.includes('text/html') === true;
      const body = isPage ? page : `${JSON.stringify({ name: 'the stranger', balance: 0 })}\n`;
      response.setHeader('Content-Type', isPage ? 'text/html; charset=utf-8' : 'application/json');
      response.setHeader('Content-Length', Buffer.byteLength(body));
      response.end(body);
    },
  );
  server.timeout = limits.idleMilliseconds;
  server.maxConnections = limits.connections;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.on('error', () => undefined);
  return { server, port: (server.address() as AddressInfo).port };
}
