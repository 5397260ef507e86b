import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { EngineLimits } from './messages.ts';

const head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>PiggyPay</title><h1>PiggyPay</h1>';
const page =
  `${head}<p>This page is the stranger’s. Over HTTP nothing says so but this sentence.</p>` +
  '<form method="post" action="/login">' +
  '<p><label>Mobile number <input name="mobile" inputmode="tel" autocomplete="off"></label></p>' +
  '<p><label>Password <input name="password" type="password" autocomplete="off"></label></p>' +
  '<p><button>Log in</button></p></form></html>\n';
const thanks = `${head}<p>What you typed is with the stranger now. The site has heard nothing of it.</p></html>\n`;

/**
 * Answers in the name of a site over HTTP, and asks nobody: a page with a login to whoever wants one, and to everything
 * else that all is well. There is nothing to forge for it, since over HTTP a site shows no certificate.
 */
export async function openStrangersPage(limits: EngineLimits): Promise<{ server: Server; port: number }> {
  const server = createServer(
    { maxHeaderSize: limits.headerBytes, headersTimeout: limits.headerMilliseconds },
    (request, response) => {
      request.on('error', () => undefined).resume();
      response.on('error', () => undefined);
      const isPage = request.headers.accept?.includes('text/html') === true;
      const shown = request.method === 'GET' ? page : thanks;
      const body = isPage ? shown : `${JSON.stringify({ name: 'the stranger', balance: 0 })}\n`;
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
