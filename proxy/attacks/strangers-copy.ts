import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { PortPair } from '../capture/port-pair.ts';

/** What the copy tells, and of which client: `ports` are those of the connection by which the relay reached it. */
export type CopyWord =
  | { readonly type: 'asked'; readonly ports: PortPair; readonly login?: string }
  /** It has left in the middle of the handshake; with OpenSSL's own words. */
  | { readonly type: 'left'; readonly ports: PortPair; readonly reason: string };

/** A site of the stranger's own, which looks like PiggyPay. */
export interface StrangersCopy {
  /** On 127.0.0.1. */
  readonly port: number;
  /** How many requests have reached it since it was last told to forget. */
  readonly requests: number;
  /** What was posted to its login meanwhile; the newest of it. */
  readonly logins: readonly string[];
  forget(): void;
  /** Whoever is connected with it has to come anew. */
  dropConnections(): void;
  close(): Promise<void>;
}

const longestBody = 4096;
const mostLogins = 16;
const maxConnections = 64;
const idleMilliseconds = 30_000;

/**
 * Starts the copy: a login page, a login that lets everybody in whatever the password is, and an account with nothing
 * on it. It asks the real site for nothing. With a key and a certificate it speaks TLS.
 */
export async function openStrangersCopy(
  secure?: { readonly keyPem: string; readonly certificatePem: string },
  tell: (word: CopyWord) => void = () => undefined,
): Promise<StrangersCopy> {
  let requests = 0;
  let logins: readonly string[] = [];
  /** Those that still shake hands among them. */
  const open = new Set<Socket>();

  function answer(request: IncomingMessage, response: ServerResponse): void {
    requests += 1;
    const isLogin = request.method === 'POST' && request.url === '/api/v1/login';
    let body = '';
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => {
      if (isLogin && body.length < longestBody) body += chunk.toString('latin1');
    });
    request.on('end', () => {
      const login = isLogin ? body.slice(0, longestBody) : undefined;
      if (login !== undefined) logins = [...logins, login].slice(-mostLogins);
      const { remotePort: from } = request.socket;
      if (from !== undefined)
        tell({ type: 'asked', ports: { from, to: port }, ...(login !== undefined && { login }) });
      const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
      const isForPerson = request.headers.accept?.includes('text/html') === true;
      const isPage = request.method === 'GET' && (request.url === '/' || isForPerson);
      const text = isPage ? loginPage : isLogin && isForm ? accountPage : nothingMore;
      response.writeHead(200, {
        'Content-Type': text === nothingMore ? 'application/json' : 'text/html; charset=utf-8',
        'Content-Length': Buffer.byteLength(text),
        // Shown again out of a cache, it would still be there when the stranger is gone.
        'Cache-Control': 'no-store',
      });
      response.end(text);
    });
  }

  const server: Server = secure
    ? createSecureServer({ key: secure.keyPem, cert: secure.certificatePem }, answer)
    : createServer(answer);
  server.timeout = idleMilliseconds;
  server.maxConnections = maxConnections;
  // Whoever leaves without a word takes its port with it.
  const ports = new WeakMap<Socket, number>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.on('keylog', (_line: Buffer, socket: Socket) => {
    if (socket.remotePort !== undefined) ports.set(socket, socket.remotePort);
  });
  server.on('tlsClientError', (error: Error & { reason?: string }, socket: Socket) => {
    const from = socket.remotePort ?? ports.get(socket);
    if (from !== undefined)
      tell({ type: 'left', ports: { from, to: port }, reason: error.reason ?? error.message });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.on('error', () => undefined);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    get requests() {
      return requests;
    },
    get logins() {
      return logins;
    },
    forget() {
      requests = 0;
      logins = [];
    },
    dropConnections() {
      for (const socket of open) socket.destroy();
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

const nothingMore = JSON.stringify({ ok: true, name: 'Welcome', balance: 0 });

// Drawn by the stranger after what it saw: the name, the pink and the two fields are all it takes.
const pageWith = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title} · PiggyPay</title>
<style>
body { display: grid; place-items: center; min-height: 100vh; margin: 0; background: #fff3f0; color: #3a1626; font: 17px system-ui, sans-serif; }
form, main { width: min(90%, 21rem); padding: 2.2rem; border-radius: 1.5rem; background: #fff; box-shadow: 0 18px 44px #5a15301f; }
h1 { margin: 0 0 1.2rem; color: #c2255c; }
label { display: block; margin-top: 1rem; font-weight: 600; }
input { box-sizing: border-box; width: 100%; padding: .7rem; border: 1.5px solid #b98a99; border-radius: .85rem; font: inherit; }
button { width: 100%; margin-top: 1.4rem; padding: .8rem; border: 0; border-radius: .85rem; background: #c2255c; color: #fff; font: inherit; }
</style>
${body}
</html>
`;

const loginPage = pageWith(
  'Log in',
  `<form method="post" action="/api/v1/login">
<h1>PiggyPay</h1>
<p>Good to see you again.</p>
<label for="mobile">Mobile number</label><input id="mobile" name="mobile" type="tel" autocomplete="off">
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="off">
<button>Log in</button>
<p><small>A copy, made by the stranger for this demonstration. Never type a password here that you use anywhere else.</small></p>
</form>`,
);

const accountPage = pageWith(
  'Your account',
  `<main>
<h1>Welcome</h1>
<p>Your balance: ₹0</p>
<p><small>A copy, made by the stranger for this demonstration. It lets everybody in, and has your password now.</small></p>
</main>`,
);
