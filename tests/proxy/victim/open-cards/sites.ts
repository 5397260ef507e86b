import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer as createNetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TlsOptions } from 'node:tls';
import { type Authority, createAuthority } from '../../../../certs/authority.ts';
import type { Cards } from '../../../../proxy/victim/open-cards/handshake.ts';
import {
  OpenCardsClient,
  type OpenCardsOptions,
} from '../../../../proxy/victim/open-cards/open-cards-client.ts';
import type { ShownChain } from '../../../../proxy/victim/shown-chain.ts';

export const HOST = 'piggypay.test';
export const REQUEST = `GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`;
export const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok';

/** A TLS server of somebody else, on loopback. */
export interface Site {
  readonly port: number;
  /** Its own key log so far. */
  keyLog(): readonly string[];
  /** What it says of handshakes and connections that failed. */
  errors(): readonly string[];
  /** What it was told, over all its connections. */
  heard(): string;
  close(): Promise<void>;
}

let authorities: Promise<Authority> | undefined;
/** The one that the client trusts in these tests. */
export function theAuthority(): Promise<Authority> {
  return (authorities ??= createAuthority());
}

/** Node's own TLS, with a certificate for the host unless told; answers the first bytes and ends. */
export async function nodeSite(options: TlsOptions = {}): Promise<Site> {
  const { keyPem, certificatePem } = await (await theAuthority()).issue({ names: [HOST] });
  const lines: string[] = [];
  const errors: string[] = [];
  let heard = '';
  const server = createServer(
    { key: keyPem, cert: certificatePem, ALPNProtocols: ['http/1.1'], ...options },
    (socket) => {
      socket.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code ?? error.message));
      socket.on('data', (chunk: Buffer) => {
        heard += chunk.toString('latin1');
        if (heard.endsWith('\r\n\r\n')) socket.end(ANSWER);
      });
    },
  );
  server.on('keylog', (line: Buffer) => lines.push(line.toString().trimEnd()));
  server.on('tlsClientError', (error: NodeJS.ErrnoException) => errors.push(error.code ?? error.message));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    keyLog: () => lines,
    errors: () => errors,
    heard: () => heard,
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

export interface OpensslSite extends Site {
  /** Types a line into it: `K` and `k` are KeyUpdates that ask for one in return and do not. */
  type(line: string): void;
}

/** `openssl s_server` with these flags; what is typed into it is what it says. */
export async function opensslSite(...flags: readonly string[]): Promise<OpensslSite> {
  const folder = mkdtempSync(join(tmpdir(), 'plainsight-test-'));
  const { keyPem, certificatePem } = await (await theAuthority()).issue({ names: [HOST] });
  const [key, certificate, keyLog] = ['key', 'certificate', 'keys'].map((name) => join(folder, name));
  writeFileSync(key ?? '', keyPem);
  writeFileSync(certificate ?? '', certificatePem);
  const files = ['-key', key ?? '', '-cert', certificate ?? '', '-keylogfile', keyLog ?? ''];
  const child = spawn('openssl', ['s_server', '-accept', '127.0.0.1:0', ...files, ...flags]);
  process.once('exit', () => child.kill());
  let printed = '';
  const port = await new Promise<number>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      printed += chunk.toString('latin1');
      const found = /ACCEPT 127\.0\.0\.1:(\d+)/.exec(printed);
      if (found) resolve(Number(found[1]));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`openssl ended with ${code}: ${printed}`)));
  });
  return {
    port,
    keyLog: () =>
      readFileSync(keyLog ?? '', 'latin1')
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#')),
    errors: () => printed.split('\n').filter((line) => line.includes('error:')),
    heard: () => printed,
    type: (line) => child.stdin.write(`${line}\n`),
    async close() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

/** What a client told and got; `error` where it rejected. */
export interface Visit {
  readonly cards?: Cards;
  readonly answer?: string;
  readonly error?: Error & { readonly code?: string };
  readonly lines: readonly string[];
  readonly shares: readonly { readonly group: number; readonly privateKey: Uint8Array }[];
  readonly shown: readonly ShownChain[];
}

/** One request over a connection of its own, told whole. */
export async function visit(port: number, options: Partial<OpenCardsOptions> = {}): Promise<Visit> {
  const lines: string[] = [];
  const shares: Visit['shares'][number][] = [];
  const shown: ShownChain[] = [];
  const client = new OpenCardsClient({
    ...{ port, host: HOST, authorityPem: (await theAuthority()).certificatePem },
    signal: new AbortController().signal,
    tell: {
      keyLogged: (line) => lines.push(line),
      keyShare: (share) => shares.push(share),
      shown: (one) => shown.push(one),
    },
    ...options,
  });
  try {
    const cards = await client.connect();
    client.send(Buffer.from(REQUEST));
    const answer = Buffer.from(await client.receive()).toString('latin1');
    await client.close();
    return { cards, answer, lines, shares, shown };
  } catch (error) {
    return { error: error as Error, lines, shares, shown };
  }
}

/** A pipe in front of a site that hands on what `change` makes of it, chunk by chunk. */
export async function pipe(
  site: number,
  change: (chunk: Buffer, from: 'client' | 'site') => Iterable<Buffer>,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createNetServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const other = connect({ port: site, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    for (const [from, to, name] of [
      [client, other, 'client'],
      [other, client, 'site'],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk: Buffer) => {
        for (const piece of change(chunk, name)) to.write(piece);
      });
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
