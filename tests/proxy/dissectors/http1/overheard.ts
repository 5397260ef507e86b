import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { VectorChunk } from '../../../vectors/vector.ts';

/** A pipe to a server on loopback that keeps a copy of what passes, connection by connection. */
export interface Overheard {
  readonly port: number;
  /** By connection, in the order of opening; the chunks of both directions in the order of passing. */
  readonly connections: readonly (readonly VectorChunk[])[];
  readonly close: () => Promise<void>;
}

export async function overhear(serverPort: number): Promise<Overheard> {
  const connections: VectorChunk[][] = [];
  const sockets = new Set<Socket>();
  const pipe = createServer((client) => {
    const chunks: VectorChunk[] = [];
    connections.push(chunks);
    const server = connect(serverPort, '127.0.0.1');
    client.on('data', (data) => chunks.push({ direction: 'client-to-server', bytes: Uint8Array.from(data) }));
    server.on('data', (data) => chunks.push({ direction: 'server-to-client', bytes: Uint8Array.from(data) }));
    for (const socket of [client, server]) sockets.add(socket.on('error', () => undefined));
    client.pipe(server);
    server.pipe(client);
  });
  pipe.listen(0, '127.0.0.1');
  await once(pipe, 'listening');
  return {
    port: (pipe.address() as AddressInfo).port,
    connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      pipe.close();
      await once(pipe, 'close');
    },
  };
}
