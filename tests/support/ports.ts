import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * A port of 127.0.0.1 for a program that must be told which one to take. From below those that a system gives to whoever
 * asks for any (32768 and up on Linux, 49152 and up elsewhere), so that nobody is given it meanwhile.
 */
export async function portToTake(): Promise<number> {
  for (;;) {
    const server = createServer().listen(randomInt(20_000, 32_000), '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      continue;
    }
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** A port of 127.0.0.1 at which nobody listens, nor can anybody until it is closed. */
export interface DeafPort {
  readonly port: number;
  close(): Promise<void>;
}

/** The near end of an open connection: the port is in use, but not for listening. */
export async function deafPort(): Promise<DeafPort> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [[far]] = (await Promise.all([once(server, 'connection'), once(near, 'connect')])) as [[Socket], []];
  return {
    port: near.localPort ?? 0,
    async close() {
      const closed = once(server, 'close');
      near.destroy();
      far.destroy();
      server.close();
      await closed;
    },
  };
}
