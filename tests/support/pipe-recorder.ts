import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

/** A pipe on loopback that keeps what passes through: what one end of the relay really sent and got. */
export interface PipeRecorder {
  readonly port: number;
  /** SHA-256 of all bytes of a direction. */
  sha256(direction: 'client-to-server' | 'server-to-client'): string;
  bytes(direction: 'client-to-server' | 'server-to-client'): Buffer;
  close(): void;
}

/** `target` is asked at each connection, since a lab tells its ports only once it runs. */
export async function recordPipe(target: () => number): Promise<PipeRecorder> {
  const passed = { 'client-to-server': [] as Buffer[], 'server-to-client': [] as Buffer[] };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const site = connect({ port: target(), host: '127.0.0.1', allowHalfOpen: true });
    for (const [direction, from, to] of [
      ['client-to-server', client, site],
      ['server-to-client', site, client],
    ] as const) {
      from.on('data', (chunk) => passed[direction].push(chunk));
      from.on('error', () => to.destroy());
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bytes: PipeRecorder['bytes'] = (direction) => Buffer.concat(passed[direction]);
  return {
    port: (server.address() as AddressInfo).port,
    bytes,
    sha256: (direction) => createHash('sha256').update(bytes(direction)).digest('hex'),
    close: () => server.close(),
  };
}
