import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { tlsName } from './certificate.ts';
import type { Subject } from './subjects.ts';

/** Fetches one body of so many bytes. */
export async function fetchBody(subject: Subject, bytes: number): Promise<void> {
  const client = await Requester.open(subject.plain);
  await client.request(bytes);
  client.close();
}

/** Sends so many requests, one after the other on each of `width` kept-alive connections. */
export async function keepAlive(
  subject: Subject,
  count: number,
  width: number,
  bytes: number,
): Promise<void> {
  await inParallel(width, async () => {
    const client = await Requester.open(subject.plain);
    for (let index = 0; index < count / width; index += 1) await client.request(bytes);
    client.close();
  });
}

/** Round-trip times of requests on one kept-alive connection, in milliseconds, ascending. */
export async function latencies(subject: Subject, count: number): Promise<readonly number[]> {
  const client = await Requester.open(subject.plain);
  for (let index = 0; index < count / 10; index += 1) await client.request(200);
  const times = new Float64Array(count);
  for (let index = 0; index < count; index += 1) {
    const start = performance.now();
    await client.request(200);
    times[index] = performance.now() - start;
  }
  client.close();
  return [...times.sort()];
}

/** Opens so many connections, `width` at a time, each for one small request. */
export async function connections(subject: Subject, count: number, width: number): Promise<void> {
  await inParallel(width, async () => {
    for (let index = 0; index < count / width; index += 1) {
      const client = await Requester.open(subject.plain);
      await client.request(200);
      await client.end();
    }
  });
}

/** Makes so many full TLS handshakes, `width` at a time. */
export async function handshakes(subject: Subject, ca: string, count: number, width: number): Promise<void> {
  await inParallel(width, async () => {
    for (let index = 0; index < count / width; index += 1) {
      const socket = connectTls({ host: '127.0.0.1', port: subject.tls, servername: tlsName, ca });
      await once(socket, 'secureConnect');
      const closed = once(socket, 'close');
      socket.end();
      socket.resume();
      await closed;
    }
  });
}

async function inParallel(width: number, work: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: width }, work));
}

/** A client as thin as can be: counts the bytes of an answer whose length it knows from the first one. */
class Requester {
  readonly #socket: Socket;
  #left = 0;
  #done: () => void = () => undefined;
  #failed: (error: Error) => void = () => undefined;
  #inHead = false;

  static async open(port: number): Promise<Requester> {
    const socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafe(256 * 1024),
        callback: (length, buffer) => {
          requester.#take(length, buffer);
          return true;
        },
      },
    });
    const requester = new Requester(socket);
    await once(socket, 'connect');
    return requester;
  }

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', (error) => this.#failed(error));
    socket.on('end', () => this.#failed(new Error('the other side ended the connection')));
  }

  request(bytes: number): Promise<void> {
    this.#inHead = true;
    this.#left = bytes;
    return new Promise((resolve, reject) => {
      this.#done = resolve;
      this.#failed = reject;
      this.#socket.write(
        `GET /${bytes} HTTP/1.1\r\nHost: bench.test\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n`,
      );
    });
  }

  /** Ends the connection and waits until the other side has done so too. */
  async end(): Promise<void> {
    this.#failed = () => undefined;
    const closed = once(this.#socket, 'close');
    this.#socket.end();
    await closed;
  }

  close(): void {
    this.#failed = () => undefined;
    this.#socket.end();
  }

  #take(length: number, buffer: Uint8Array): void {
    let counted = length;
    if (this.#inHead) {
      // The origin sends its head in one piece, and none is longer than this.
      const end = Buffer.from(buffer.buffer, buffer.byteOffset, Math.min(length, 512)).indexOf('\r\n\r\n');
      if (end < 0) throw new Error('the head came in pieces');
      counted -= end + 4;
      this.#inHead = false;
    }
    this.#left -= counted;
    if (this.#left === 0) this.#done();
  }
}
