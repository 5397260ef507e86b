import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { LogEvent } from '#contract';
import { Stepper } from '../../../proxy/stepping/stepper.ts';
import { startHarness, type Harness } from '../relay/harness.ts';

/** A site, a relay that steps, and a log, over real sockets. */
export interface Stepped extends Harness {
  readonly stepper: Stepper;
  readonly events: () => readonly LogEvent[];
  /** What is held, in words. */
  readonly units: () => readonly string[];
  /** Writes, and waits until the relay has read `total` bytes in all. */
  readonly write: (socket: Socket, bytes: string | Buffer, total: number) => Promise<void>;
  /** Resolves once the log says that `count` bytes were captured in all. */
  readonly captured: (count: number) => Promise<void>;
  /** Both ends of a new connection; the client has connected and the site has accepted. */
  readonly pair: () => Promise<{ client: Socket; site: Socket }>;
}

/** Both lanes step from the beginning unless `live`. */
export async function startStepped(
  options: { readonly live?: boolean; readonly limitBytes?: number } = {},
): Promise<Stepped> {
  let stepper: Stepper | undefined;
  const { live = false, ...others } = options;
  const harness = await startHarness(undefined, {
    ...others,
    gate: (log) => (stepper = new Stepper(log)),
  });
  if (stepper === undefined) throw new Error('the relay has no gate');
  if (!live) stepper.setMode('step');
  const { log } = harness;
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = () => {
        if (!holds()) return;
        stop();
        resolve();
      };
      const stop = log.subscribe(look);
      look();
    });
  let seen = 0;
  let total = 0;
  const captured = (count: number) =>
    until(() => {
      for (const event of log.after(seen)) {
        seen = event.seq;
        if (event.type === 'bytes-captured') total += event.bytes.length;
      }
      return total >= count;
    });
  const held = stepper;
  return {
    ...harness,
    stepper,
    captured,
    events: () => log.after(0),
    units: () => held.state().held.map(({ unit }) => unit),
    write: async (socket, bytes, count) => {
      socket.write(bytes);
      await captured(count);
    },
    pair: async () => {
      const accepted = harness.accepted();
      const client = harness.dial();
      await once(client, 'connect');
      return { client, site: await accepted };
    },
  };
}

export const get = 'GET / HTTP/1.1\r\nHost: piggypay.test\r\n\r\n';
export const post =
  'POST /api/v1/login HTTP/1.1\r\nHost: piggypay.test\r\nContent-Length: 11\r\n\r\n{"mobile":1';
export const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

/** A TLS record of this content type with so many bytes of content. */
export function record(type: number, length: number): Buffer {
  return Buffer.from([type, 3, 3, length >> 8, length & 255, ...Array.from({ length }, () => 0xee)]);
}

/** Gathers what a socket delivers. */
export class Delivered {
  readonly #chunks: Buffer[] = [];
  readonly #wake = new Set<() => void>();
  length = 0;
  hasEnded = false;
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.length += chunk.length;
      this.#look();
    });
    socket.once('end', () => {
      this.hasEnded = true;
      this.#look();
    });
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get text(): string {
    return this.bytes.toString('latin1');
  }

  /** Resolves once so many bytes have come. */
  async count(count: number): Promise<void> {
    while (this.length < count) await new Promise<void>((resolve) => this.#wake.add(resolve));
  }

  async end(): Promise<void> {
    while (!this.hasEnded) await new Promise<void>((resolve) => this.#wake.add(resolve));
  }

  #look(): void {
    for (const wake of this.#wake) wake();
    this.#wake.clear();
  }
}

/** A round trip over loopback that has nothing to do with the relay: what was under way before has arrived after it. */
export async function otherRoundTrip(): Promise<void> {
  const echo = createServer((socket) => socket.pipe(socket));
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const address = echo.address();
  const client = connect({ host: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 });
  for (let round = 0; round < 5; round += 1) {
    client.write('?');
    await once(client, 'data');
  }
  client.destroy();
  echo.close();
  await once(echo, 'close');
}
