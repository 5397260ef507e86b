const handshakeRecord = 0x16;
const clientHello = 1;
const serverNameExtension = 0;
const hostName = 0;

/** `malformed` also where two names are said: then no one knows which of them the site will take. */
export type ServerName = 'incomplete' | 'malformed' | { readonly name: string | undefined };

/**
 * The server name (RFC 6066, 3) that a TLS connection begins with, as said, from its first bytes; the ClientHello
 * may span records (RFC 8446, 5.1). `incomplete` until all of it is there.
 */
export function readServerName(bytes: Buffer): ServerName {
  const message = firstMessage(bytes);
  if (typeof message === 'string') return message;
  try {
    return { name: serverName(message) };
  } catch (error) {
    // Reading past the end, in a length that promises more than there is.
    if (error instanceof RangeError || error instanceof MalformedError) return 'malformed';
    throw error;
  }
}

class MalformedError extends Error {}

/** The first handshake message's body, out of its records. */
function firstMessage(bytes: Buffer): Buffer | 'incomplete' | 'malformed' {
  const fragments: Buffer[] = [];
  let collected = 0;
  let end: number | undefined;
  for (let at = 0; at < bytes.length;) {
    // Between the records of one message no others may stand (RFC 8446, 5.1).
    if (bytes[at] !== handshakeRecord) return 'malformed';
    if (bytes.length < at + 5) return 'incomplete';
    const length = bytes.readUInt16BE(at + 3);
    if (length === 0) return 'malformed';
    const fragment = bytes.subarray(at + 5, at + 5 + length);
    if (collected === 0 && fragment.length > 0 && fragment[0] !== clientHello) return 'malformed';
    fragments.push(fragment);
    collected += fragment.length;
    if (end === undefined && collected >= 4) end = 4 + Buffer.concat(fragments).readUIntBE(1, 3);
    if (end !== undefined && collected >= end) return Buffer.concat(fragments).subarray(4, end);
    at += 5 + length;
  }
  return 'incomplete';
}

/** RFC 8446, 4.1.2. */
function serverName(message: Buffer): string | undefined {
  const reader = new Reader(message);
  reader.take(2 + 32);
  reader.vector(1);
  reader.vector(2);
  reader.vector(1);
  if (reader.isAtEnd) return undefined;
  const extensions = reader.vector(2);
  let name: string | undefined;
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const body = extensions.vector(2);
    if (type !== serverNameExtension) continue;
    const list = body.vector(2);
    if (list.number(1) !== hostName || name !== undefined) throw new MalformedError();
    name = list.vector(2).rest.toString('latin1');
    if (!list.isAtEnd) throw new MalformedError();
  }
  return name;
}

class Reader {
  #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#bytes.length === 0;
  }

  get rest(): Buffer {
    return this.#bytes;
  }

  take(length: number): Buffer {
    if (length > this.#bytes.length) throw new RangeError();
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }

  number(size: number): number {
    return this.take(size).readUIntBE(0, size);
  }

  /** What a length of `size` bytes stands before. */
  vector(size: number): Reader {
    return new Reader(this.take(this.number(size)));
  }
}
