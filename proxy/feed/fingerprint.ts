import type { Fingerprint } from '#contract';
import { Readable } from 'node:stream';
import { calculateJa3, calculateJa4, readTlsClientHello } from 'read-tls-client-hello';

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const RECORD_HEADER = 5;
const HELLO_HEADER = 4;
// What the length of one record can say, which is how the hello is handed over.
const LONGEST_HELLO = 0xffff;

/** As many of a client's first bytes as a hello may take, with the headers of many small records. */
export const LONGEST_LOOK = 2 * LONGEST_HELLO;

/**
 * JA3 and JA4 of the ClientHello that a client's first bytes begin with, spread over records or not. Undefined when
 * they begin with none, or with one that has not arrived whole or is broken.
 */
export async function fingerprintOf(records: Uint8Array): Promise<Fingerprint | undefined> {
  const hello = withExtensions(helloIn(records));
  if (!hello) return undefined;
  const header = Buffer.from([HANDSHAKE, 3, 1, hello.length >> 8, hello.length & 0xff]);
  // Left open: the library puts back what it read, which a stream that has ended does not take.
  const stream = new Readable({ read: () => undefined });
  stream.push(Buffer.concat([header, hello]));
  try {
    const read = await readTlsClientHello(stream);
    return { ja3: calculateJa3(read), ja4: calculateJa4(read) };
  } catch {
    return undefined;
  } finally {
    stream.destroy();
  }
}

/** The whole hello, header included, out of its records (RFC 8446, 5.1). */
function helloIn(records: Uint8Array): Buffer | undefined {
  const view = Buffer.from(records.buffer, records.byteOffset, records.length);
  const content = Buffer.alloc(Math.min(view.length, LONGEST_HELLO));
  let size = 0;
  for (let at = 0; view[at] === HANDSHAKE && at + RECORD_HEADER <= view.length;) {
    const end = at + RECORD_HEADER + view.readUInt16BE(at + 3);
    size += view.copy(content, size, at + RECORD_HEADER, end);
    at = end;
  }
  if (size < HELLO_HEADER || content[0] !== CLIENT_HELLO) return undefined;
  const length = HELLO_HEADER + content.readUIntBE(1, 3);
  return length <= size ? content.subarray(0, length) : undefined;
}

/**
 * The hello, if its lengths agree: where they do not, the library would wait for more. One without extensions, which
 * TLS 1.2 allows, gets an empty list, since the library expects one; the fingerprints are the same.
 */
function withExtensions(hello: Buffer | undefined): Buffer | undefined {
  if (!hello) return undefined;
  const afterSession = skip(hello, HELLO_HEADER + 2 + 32, 1);
  const afterSuites = skip(hello, afterSession, 2);
  const afterMethods = skip(hello, afterSuites, 1);
  if (afterMethods === undefined) return undefined;
  if (afterMethods === hello.length) {
    const longer = Buffer.concat([hello, Buffer.from([0, 0])]);
    longer.writeUIntBE(longer.length - HELLO_HEADER, 1, 3);
    return longer;
  }
  if (skip(hello, afterMethods, 2) !== hello.length) return undefined;
  let at: number | undefined = afterMethods + 2;
  while (at !== undefined && at < hello.length) at = skip(hello, at + 2, 2);
  return at === hello.length ? hello : undefined;
}

/** Where the bytes end whose length stands there; undefined beyond the end of the hello. */
function skip(hello: Buffer, at: number | undefined, lengthSize: 1 | 2): number | undefined {
  if (at === undefined || at + lengthSize > hello.length) return undefined;
  const end = at + lengthSize + hello.readUIntBE(at, lengthSize);
  return end <= hello.length ? end : undefined;
}
