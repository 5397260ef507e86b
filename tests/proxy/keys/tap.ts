import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import {
  connect as connectTls,
  createServer as createTlsServer,
  type ConnectionOptions,
  type TlsOptions,
  type TLSSocket,
} from 'node:tls';
import type { Direction } from '#contract';
import { DecryptedConnection, type DecryptedRecord } from '../../../proxy/keys/decrypted-connection.ts';
import { KeyLog } from '../../../proxy/keys/key-log.ts';
import type { VectorChunk } from '../../vectors/vector.ts';

/** A pipe in front of a loopback port that keeps what passes, a list of chunks for each connection. */
export interface Tap {
  readonly port: number;
  readonly connections: readonly VectorChunk[][];
  close(): Promise<void>;
}

export async function tap(port: number): Promise<Tap> {
  const connections: VectorChunk[][] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const chunks: VectorChunk[] = [];
    connections.push(chunks);
    const site = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const copy = (from: Socket, to: Socket, direction: Direction) => {
      sockets.add(from);
      from.on('data', (bytes: Buffer) => {
        chunks.push({ direction, bytes: Uint8Array.from(bytes) });
        to.write(bytes);
      });
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => sockets.delete(from));
    };
    copy(client, site, 'client-to-server');
    copy(site, client, 'server-to-client');
  });
  await listening(server);
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What was said over one connection, its bytes, and its key log. */
export interface Conversation {
  readonly chunks: readonly VectorChunk[];
  readonly keyLog: string;
  readonly session: Buffer | undefined;
}

/** Node at both ends: the client says `said`, the server answers with `answer` and ends. */
export async function converse(
  serverOptions: TlsOptions,
  clientOptions: ConnectionOptions,
  said: string,
  answer: string,
): Promise<Conversation> {
  const [conversation] = await converseTimes(1, serverOptions, () => clientOptions, said, answer);
  if (!conversation) throw new Error('Nothing was said.');
  return conversation;
}

/** Several connections after each other to one server; the options of each may rest on the session of the last. */
export async function converseTimes(
  times: number,
  serverOptions: TlsOptions,
  clientOptions: (session: Buffer | undefined) => ConnectionOptions,
  said: string,
  answer: string,
): Promise<readonly Conversation[]> {
  const server = createTlsServer(serverOptions, (socket) => {
    let heard = '';
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      heard += bytes.toString('latin1');
      if (heard.length === Buffer.byteLength(said)) socket.end(answer);
    });
  });
  await listening(server);
  const between = await tap((server.address() as AddressInfo).port);
  const conversations: Conversation[] = [];
  let session: Buffer | undefined;
  for (let index = 0; index < times; index++) {
    const lines: Buffer[] = [];
    const client: TLSSocket = connectTls({
      ...{ port: between.port, host: '127.0.0.1', servername: 'own.test', rejectUnauthorized: false },
      ...clientOptions(session),
    });
    client.on('keylog', (line: Buffer) => lines.push(line));
    client.on('session', (fresh: Buffer) => (session = fresh));
    client.on('error', () => undefined);
    client.on('secureConnect', () => client.write(said));
    client.resume();
    await once(client, 'close');
    conversations.push({
      chunks: between.connections[index] ?? [],
      keyLog: Buffer.concat(lines).toString(),
      session,
    });
  }
  await between.close();
  await new Promise((resolve) => server.close(resolve));
  return conversations;
}

/** The TLS records of both directions, in the order in which their last bytes came. */
export function recordsOf(chunks: readonly VectorChunk[]): readonly VectorChunk[] {
  const rest = { 'client-to-server': Buffer.alloc(0), 'server-to-client': Buffer.alloc(0) };
  const records: VectorChunk[] = [];
  for (const { direction, bytes } of chunks) {
    let held = Buffer.concat([rest[direction], bytes]);
    while (held.length >= 5 && held.length >= 5 + held.readUInt16BE(3)) {
      const length = 5 + held.readUInt16BE(3);
      records.push({ direction, bytes: Uint8Array.from(held.subarray(0, length)) });
      held = held.subarray(length);
    }
    rest[direction] = held;
  }
  return records;
}

/** All records of a connection opened with a key log, as far as it goes. */
export function decrypt(records: readonly VectorChunk[], keyLog: string) {
  const log = new KeyLog();
  const faults = log.add(keyLog);
  const connection = new DecryptedConnection(log);
  const read = records.map(({ direction, bytes }) => connection.push(direction, bytes));
  connection.close();
  return { connection, read, faults };
}

/** The application data of one direction. */
export function dataOf(read: readonly DecryptedRecord[], direction: Direction): string {
  return Buffer.concat(
    read.flatMap((record) =>
      record.direction === direction && record.data && record.reading.state === 'opened'
        ? [record.reading.content]
        : [],
    ),
  ).toString('latin1');
}

async function listening(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}
