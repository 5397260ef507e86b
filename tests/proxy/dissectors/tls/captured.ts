import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tls from 'node:tls';
import type { Direction } from '#contract';
import type { VectorChunk } from '../../../vectors/vector.ts';

/** A key and a certificate that signs itself, PEM; made by openssl. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

/** `algorithm` is what openssl's `-newkey` takes, with its `-pkeyopt`. */
export function selfSigned(name: string, ...algorithm: readonly string[]): Identity {
  const folder = mkdtempSync(join(tmpdir(), 'plainsight-identity-'));
  try {
    const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
    const subject = ['-subj', `/O=Plainsight/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
    const args = ['req', '-x509', '-nodes', '-days', '2', '-newkey', ...algorithm, ...files, ...subject];
    execFileSync('openssl', args, { stdio: 'pipe' });
    return {
      key: readFileSync(join(folder, 'key.pem'), 'utf8'),
      cert: readFileSync(join(folder, 'cert.pem'), 'utf8'),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface Ends {
  readonly server: tls.TlsOptions;
  readonly client: tls.ConnectionOptions;
  /** Longest content of the server's records. */
  readonly fragment?: number;
  /** OCSP response that the server staples. */
  readonly stapled?: Buffer;
  /** What is captured is a second visit, which goes on with the session of the first. */
  readonly resumed?: boolean;
}

/** A TLS connection between real ends on loopback, as a pipe between them saw it: hello and answer, then closed. */
export async function capture({
  server,
  client,
  fragment,
  stapled,
  resumed,
}: Ends): Promise<readonly VectorChunk[]> {
  const connections: VectorChunk[][] = [];
  const site = fragment === undefined ? siteOf(server, stapled) : choppySiteOf(server, fragment);
  const pipe = createServer((down) => {
    const chunks: VectorChunk[] = [];
    connections.push(chunks);
    const up = connect(portOf(site), '127.0.0.1');
    forward(down, up, 'client-to-server', chunks);
    forward(up, down, 'server-to-client', chunks);
  });
  try {
    await Promise.all([
      once(site.listen(0, '127.0.0.1'), 'listening'),
      once(pipe.listen(0, '127.0.0.1'), 'listening'),
    ]);
    const session = await visit(portOf(pipe), client);
    if (resumed === true) await visit(portOf(pipe), { ...client, session });
  } finally {
    site.close();
    pipe.close();
  }
  // All that was under way has arrived by then.
  await once(pipe, 'close');
  return connections.at(-1) ?? [];
}

function siteOf(options: tls.TlsOptions, stapled?: Buffer): Server {
  const site = tls.createServer(options, echo);
  type Answer = (error: null, response: Buffer) => void;
  if (stapled) site.on('OCSPRequest', (_own, _issuer, answer: Answer) => answer(null, stapled));
  return site;
}

/** A site whose records hold no more than this many bytes, from the first of the handshake on. */
function choppySiteOf(options: tls.TlsOptions, fragment: number): Server {
  const secureContext = tls.createSecureContext(options);
  return createServer((socket) => {
    const end = new tls.TLSSocket(socket, { ...options, isServer: true, secureContext });
    end.setMaxSendFragment(fragment);
    echo(end);
  });
}

function echo(socket: tls.TLSSocket): void {
  socket.on('error', () => socket.destroy());
  socket.on('data', (data: Buffer) => socket.end(data));
}

/** Says hello, waits for the answer and the end; answers the session to come back with. */
async function visit(port: number, options: tls.ConnectionOptions): Promise<Buffer | undefined> {
  let session: Buffer | undefined;
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  // A handshake that fails is as good a capture as one that does not.
  socket.on('error', () => socket.destroy());
  socket.on('secureConnect', () => socket.write('ping'));
  socket.on('session', (issued: Buffer) => (session = issued));
  socket.resume();
  await new Promise((resolve) => socket.once('close', resolve));
  return session;
}

function forward(from: Socket, to: Socket, direction: Direction, chunks: VectorChunk[]): void {
  from.on('data', (bytes: Buffer) => {
    chunks.push({ direction, bytes: Uint8Array.from(bytes) });
    to.write(bytes);
  });
  from.on('end', () => to.end());
  from.on('error', () => to.destroy());
  from.on('close', () => to.end());
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
