import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { connect } from 'node:tls';
import { readTlsClientHello } from 'read-tls-client-hello';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Edit } from '../../../proxy/attacks/tampering.ts';
import { removeTls13 } from '../../../proxy/attacks/without-tls13.ts';

const SUPPORTED_VERSIONS = 43;

/** The first record of this Node's own client. */
async function helloOf(
  minVersion: 'TLSv1.2' | 'TLSv1.3',
  maxVersion: 'TLSv1.2' | 'TLSv1.3',
): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect({ host: '127.0.0.1', port, servername: 'piggypay.test', minVersion, maxVersion });
  client.on('error', () => undefined);
  const [socket] = (await once(server, 'connection')) as [Socket];
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  socket.destroy();
  server.close();
  return bytes;
}

function edited(bytes: Uint8Array, edits: readonly Edit[]): Buffer {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { start, end, bytes: other } of edits) {
    parts.push(bytes.subarray(at, start), other);
    at = end;
  }
  return Buffer.concat([...parts, bytes.subarray(at)]);
}

/** As a library reads it that knows nothing of ours. */
async function read(record: Buffer) {
  // Left open: the library puts back what it read, which a stream that has ended does not take.
  const stream = new Readable({ read: () => undefined });
  stream.push(record);
  const { extensions, ...hello } = await readTlsClientHello(stream);
  const versions = extensions.find(({ id }) => id === SUPPORTED_VERSIONS)?.data;
  return { versions, rest: { ...hello, others: extensions.filter(({ id }) => id !== SUPPORTED_VERSIONS) } };
}

describe('a ClientHello', () => {
  let hello: Buffer;
  beforeAll(async () => (hello = await helloOf('TLSv1.2', 'TLSv1.3')));

  test('loses TLS 1.3 and nothing else, and every length is right', async () => {
    const edits = removeTls13(hello);
    const record = edited(hello, edits);
    expect(hello.length - record.length).toBe(2);
    expect(record.readUInt16BE(3)).toBe(record.length - 5);
    expect(record.readUIntBE(6, 3)).toBe(record.length - 9);
    const [before, after] = [await read(hello), await read(record)];
    expect(after.rest).toEqual(before.rest);
    expect([before.versions, after.versions]).toEqual([
      { versions: [0x0304, 0x0303] },
      { versions: [0x0303] },
    ]);
    expect(removeTls13(record)).toEqual([]);
  });

  test('that offers 1.3 alone, or does not offer it, stays as it is', async () => {
    expect(removeTls13(await helloOf('TLSv1.3', 'TLSv1.3'))).toEqual([]);
    expect(removeTls13(await helloOf('TLSv1.2', 'TLSv1.2'))).toEqual([]);
  });

  test('cut off anywhere, or with any byte changed, does no harm', () => {
    for (let length = 0; length < hello.length; length += 1)
      expect(removeTls13(hello.subarray(0, length)).length).toBeLessThanOrEqual(4);
    for (let place = 0; place < hello.length; place += 1) {
      const broken = Buffer.from(hello);
      broken[place] = (broken[place] ?? 0) ^ 0xff;
      for (const { start, end } of removeTls13(broken))
        expect(start < end && end <= broken.length).toBe(true);
    }
  });
});
