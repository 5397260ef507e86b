// The site that is measured through: `GET /N` is answered with N bytes, over plain TCP and over TLS. Not an HTTP
// server, so that what is measured is the way there.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { makeCertificate } from './certificate.ts';

const megabyte = Buffer.alloc(1024 * 1024, 'plainsight ');
const heads = new Map<number, Buffer>();

function serve(socket: Socket): void {
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  let pending = '';
  socket.on('data', (chunk: Buffer) => {
    pending += chunk.toString('latin1');
    for (let end = pending.indexOf('\r\n\r\n'); end >= 0; end = pending.indexOf('\r\n\r\n')) {
      const size = Number(/^GET \/(\d+)/.exec(pending)?.[1] ?? 0);
      pending = pending.slice(end + 4);
      void answer(socket, size);
    }
  });
}

async function answer(socket: Socket, size: number): Promise<void> {
  if (size <= megabyte.length) {
    const whole = heads.get(size) ?? Buffer.concat([head(size), megabyte.subarray(0, size)]);
    heads.set(size, whole);
    socket.write(whole);
    return;
  }
  socket.write(head(size));
  for (let left = size; left > 0 && !socket.destroyed; left -= megabyte.length) {
    if (!socket.write(megabyte.subarray(0, Math.min(left, megabyte.length)))) await once(socket, 'drain');
  }
}

function head(size: number): Buffer {
  return Buffer.from(
    `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${String(size).padStart(10, '0')}\r\n\r\n`,
  );
}

async function listen(server: Server): Promise<number> {
  server.listen({ host: '127.0.0.1', port: 0, backlog: 512 });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const certificate = await makeCertificate();
const plain = await listen(createServer(serve));
const tls = await listen(createTlsServer(certificate, (socket) => serve(socket)));
process.send?.({ plain, tls, certificate: certificate.cert });
process.on('disconnect', () => process.exit());
