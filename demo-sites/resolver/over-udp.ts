import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type KnownNames, answerTo } from './answer.ts';

const HOST = '127.0.0.1';
// Without EDNS, the most that a client must be able to take over UDP (RFC 1035, 4.2.1).
const LARGEST_ANSWER = 512;

export interface Resolver {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts a DNS server on 127.0.0.1 (UDP) that knows `names` and nothing else. What is not one well-formed question
 * gets no answer.
 */
export async function startResolver(options: { readonly names: KnownNames }): Promise<Resolver> {
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => {
    const answer = answerTo(message, options.names);
    if (!answer || answer.length > LARGEST_ANSWER) return;
    // The asker may be gone, or claim port 0; neither is of any concern here.
    socket.send(answer, from.port, from.address, () => undefined);
  });
  socket.bind(0, HOST);
  await once(socket, 'listening');
  // Loopback reports unreachable askers as errors of the socket.
  socket.on('error', () => undefined);
  return {
    port: socket.address().port,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
