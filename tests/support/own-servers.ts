import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { WebSocketServer } from 'ws';

/** A server of a test, on loopback, to be reached through a route of the lab. */
export interface OwnServer {
  readonly name: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface Identity {
  readonly key: string;
  readonly certificate: string;
}

/** A self-signed certificate for `*.test`, made by openssl. `kind` is what `-newkey` takes. */
export function selfSigned(folder: string, kind: 'rsa:2048' | 'ec'): Identity {
  const name = kind.slice(0, 2);
  const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const curve = kind === 'ec' ? ['-pkeyopt', 'ec_paramgen_curve:P-256'] : [];
  const subject = ['-subj', '/CN=own.test', '-addext', 'subjectAltName=DNS:*.test', '-days', '2'];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', kind, ...curve, '-nodes', '-keyout', key, '-out', certificate, ...subject],
    { stdio: 'pipe' },
  );
  return { key, certificate };
}

const SHORT_ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok';

/** Node's own TLS, answering each connection's first bytes with one HTTP response. */
export async function nodeServer(
  name: string,
  identity: Identity,
  options: TlsOptions,
  answer = SHORT_ANSWER,
): Promise<OwnServer> {
  const server = createTlsServer(
    { key: readFileSync(identity.key), cert: readFileSync(identity.certificate), ...options },
    (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(answer));
    },
  );
  server.on('tlsClientError', () => undefined);
  return listening(name, server);
}

/** `openssl s_server -www` with these flags. */
export async function opensslServer(
  name: string,
  identity: Identity,
  ...flags: string[]
): Promise<OwnServer> {
  const files = ['-key', identity.key, '-cert', identity.certificate];
  const child = spawn('openssl', ['s_server', '-accept', '127.0.0.1:0', '-www', ...files, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.once('exit', () => child.kill());
  const [, port] = await said(child, /^ACCEPT \S+:(\d+)$/m);
  return {
    name,
    port: Number(port),
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

/** Plain HTTP with what a login does not have: chunks, trailers, interim answers, codings, WebSocket. */
export async function richServer(name: string): Promise<OwnServer> {
  const server = createHttpServer((request, response) => {
    request.resume();
    if (request.url === '/chunks') {
      response.setHeader('Content-Type', 'application/json');
      response.setHeader('Trailer', 'X-Checked');
      response.write('{"one":1,');
      response.write('"two":[true,null]');
      response.addTrailers({ 'X-Checked': 'yes' });
      response.end('}');
    } else if (request.url === '/gzip') {
      const body = gzipSync('{"packed":"very well"}');
      response.writeHead(200, {
        'Content-Type': 'application/json',
        'Content-Encoding': 'gzip',
        'Content-Length': body.length,
      });
      response.end(body);
    } else if (request.url === '/hints') {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      request.on('end', () => response.end('ok'));
    } else {
      response.statusCode = 404;
      request.on('end', () => response.end());
    }
  });
  const sockets = new WebSocketServer({ server, path: '/socket' });
  sockets.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => {
      socket.send(data, { binary: isBinary });
    });
  });
  return listening(name, server);
}

async function listening(name: string, server: Server): Promise<OwnServer> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    name,
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      // Those too on which nobody has said anything, as a browser opens some ahead.
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

function said(child: ChildProcess, what: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let printed = '';
    const read = (chunk: Buffer) => {
      printed += chunk.toString();
      const match = what.exec(printed);
      if (match) resolve(match);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => reject(new Error(`openssl ended with ${code}: ${printed}`)));
  });
}
