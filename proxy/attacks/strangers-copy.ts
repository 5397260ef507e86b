import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A site of the stranger's own, which looks like PiggyPay. */
export interface StrangersCopy {
  /** On 127.0.0.1. */
  readonly port: number;
  /** How many requests have reached it since it was last told to forget. */
  readonly requests: number;
  /** What was posted to its login meanwhile. */
  readonly logins: readonly string[];
  forget(): void;
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
export async function openStrangersCopy(secure?: {
  readonly keyPem: string;
  readonly certificatePem: string;
}): Promise<StrangersCopy> {
  let requests = 0;
  let logins: string[] = [];

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
      if (isLogin && logins.length < mostLogins) logins.push(body.slice(0, longestBody));
      const isPage = request.method === 'GET' && request.url === '/';
      const text = isPage ? page : JSON.stringify({ ok: true, name: 'Welcome', balance: 0 });
      response.writeHead(200, {
        'Content-Type': isPage ? 'text/html; charset=utf-8' : 'application/json',
        'Content-Length': Buffer.byteLength(text),
      });
      response.end(text);
    });
  }

  const server: Server = secure
    ? createSecureServer({ key: secure.keyPem, cert: secure.certificatePem }, answer)
    : createServer(answer);
  server.timeout = idleMilliseconds;
  server.maxConnections = maxConnections;
  // A victim that does not like the certificate leaves: the ends and the wire tell of it.
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.on('error', () => undefined);
  return {
    port: (server.address() as AddressInfo).port,
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
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

// Drawn by the stranger after what it saw: the name, the pink and the two fields are all it takes.
const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Log in · PiggyPay</title>
<style>
body { display: grid; place-items: center; min-height: 100vh; margin: 0; background: #fff3f0; color: #3a1626; font: 17px system-ui, sans-serif; }
form { width: min(90%, 21rem); padding: 2.2rem; border-radius: 1.5rem; background: #fff; box-shadow: 0 18px 44px #5a15301f; }
h1 { margin: 0 0 1.2rem; color: #c2255c; }
label { display: block; margin-top: 1rem; font-weight: 600; }
input { box-sizing: border-box; width: 100%; padding: .7rem; border: 1.5px solid #b98a99; border-radius: .85rem; font: inherit; }
button { width: 100%; margin-top: 1.4rem; padding: .8rem; border: 0; border-radius: .85rem; background: #c2255c; color: #fff; font: inherit; }
</style>
<form method="post" action="/api/v1/login">
<h1>PiggyPay</h1>
<p>Good to see you again.</p>
<label for="mobile">Mobile number</label><input id="mobile" name="mobile" type="tel" autocomplete="off">
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="off">
<button>Log in</button>
<p><small>A copy, made by the stranger for this demonstration. Never type a password here that you use anywhere else.</small></p>
</form>
</html>
`;
