import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { ExplicitProxy, type ExplicitProxyOptions } from '../../../proxy/interception/explicit-proxy.ts';
import type { Refusal } from '../../../proxy/interception/messages.ts';

/** Stands where the relay's door would be, and counts who comes. */
export interface Door {
  readonly port: number;
  readonly dials: () => number;
  close(): Promise<void>;
}

export async function openDoor(serve: (socket: Socket) => void): Promise<Door> {
  let dials = 0;
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    dials += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    dials: () => dials,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Answers the first bytes with these, and ends. */
export function answering(answer: string | Buffer | ((asked: string) => string | Buffer)) {
  return (socket: Socket): void => {
    socket.once('data', (asked) =>
      socket.end(typeof answer === 'function' ? answer(asked.toString('latin1')) : answer),
    );
  };
}

export interface RunningProxy {
  readonly port: number;
  readonly proxy: ExplicitProxy;
  readonly refusals: Refusal[];
  /** How long it took until it listened, in milliseconds. */
  readonly startTook: number;
}

/** A proxy with these routes, `name:port` → a port of 127.0.0.1. */
export async function startProxy(
  routes: Readonly<Record<string, number>>,
  options: Partial<ExplicitProxyOptions> = {},
): Promise<RunningProxy> {
  const refusals: Refusal[] = [];
  const proxy = new ExplicitProxy({
    port: 0,
    strictPort: true,
    refused: (refusal) => refusals.push(refusal),
    ...options,
  });
  const began = performance.now();
  const port = await proxy.start();
  const startTook = performance.now() - began;
  proxy.route(
    Object.entries(routes).map(([authority, listen]) => {
      const [name = '', virtual] = authority.split(':');
      return { name, port: Number(virtual), listen };
    }),
  );
  return { port, proxy, refusals, startTook };
}

/** How long it takes to start one more, in milliseconds: on a machine that is as busy as it is now. */
export async function startAnother(): Promise<number> {
  const { proxy, startTook } = await startProxy({});
  await proxy.close();
  return startTook;
}

/** What comes back for these bytes until the connection is over; `error` when it was reset. */
export async function exchange(
  port: number,
  sent: string | Buffer,
  { end = false } = {},
): Promise<{ answer: string; error?: string }> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const chunks: Buffer[] = [];
  let error: string | undefined;
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', (thrown: NodeJS.ErrnoException) => (error = thrown.code));
  socket.on('end', () => socket.end());
  if (end) socket.end(sent, 'latin1');
  else socket.write(sent, 'latin1');
  await new Promise((resolve) => socket.once('close', resolve));
  const answer = Buffer.concat(chunks).toString('latin1');
  return { answer, ...(error === undefined ? {} : { error }) };
}

/** Opens a tunnel and gives its socket once the proxy has agreed, or what it said instead. */
export async function openTunnel(
  port: number,
  target: string,
  host = target,
): Promise<{ socket: Socket; head: string }> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  // The other half is closed when the first one is, but after what was still to be sent.
  socket.on('end', () => socket.end());
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  const [head] = (await once(socket, 'data')) as [Buffer];
  return { socket, head: head.toString('latin1') };
}

/** The first bytes that a TLS client sends. */
export async function clientHello(servername?: string): Promise<Buffer> {
  const { connect: connectTls } = await import('node:tls');
  const door = createServer();
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  const client = connectTls({
    port: (door.address() as AddressInfo).port,
    host: '127.0.0.1',
    ...(servername === undefined ? {} : { servername }),
  });
  client.on('error', () => undefined);
  const [socket] = (await once(door, 'connection')) as [Socket];
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  socket.destroy();
  door.close();
  return bytes;
}

/** Over, in whatever way. */
export async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()));
}
