import { type ByteReader, dissectBytes } from '../byte-reader.ts';
import type { Field } from '../field.ts';
import { readHandshakeBody } from './handshake-bodies.ts';
import type { HandshakeContext } from './handshake-context.ts';
import type { ServerHelloFacts } from './hello-facts.ts';
import { cipherSuiteName, handshakeName, versionName } from './names.ts';

export type { HandshakeContext } from './handshake-context.ts';
export { serverHelloFacts } from './hello-facts.ts';

export const CLIENT_HELLO = 1;
export const SERVER_HELLO = 2;

/** Handshake messages in clear, as they follow each other in one record (RFC 8446, 4). */
export function readHandshakeMessages(reader: ByteReader, context: HandshakeContext): void {
  while (reader.remaining > 0) {
    const length = peekLength(reader);
    if (length === undefined || reader.remaining < 4 + length) {
      const name = handshakeName(reader.peek() ?? 0);
      reader.opaque(
        reader.remaining,
        'tls.handshake.fragment',
        `Beginning of ${name}`,
        'The rest comes in the next record.',
      );
      return;
    }
    reader.group('tls.handshake', handshakeName(reader.peek() ?? 0), () =>
      readHandshakeMessage(reader, context),
    );
  }
}

/** Explains one whole handshake message, header included, that was put together from records or decrypted. */
export function explainHandshake(bytes: Uint8Array, context: HandshakeContext): Field {
  return dissectBytes(bytes, 'tls.handshake', handshakeName(bytes[0] ?? 0), (reader) =>
    readHandshakeMessage(reader, context),
  );
}

/** `TLS 1.3, TLS_AES_128_GCM_SHA256` */
export function describeServerHello(facts: ServerHelloFacts): string {
  return `${versionName(facts.version)}, ${cipherSuiteName(facts.cipherSuite)}`;
}

function readHandshakeMessage(reader: ByteReader, context: HandshakeContext): void {
  const type = reader.uint(1, 'tls.handshake.type', 'Handshake type', handshakeName);
  const length = reader.uint(3, 'tls.handshake.length', 'Length', (value) => `${value} bytes follow`);
  readHandshakeBody(reader, type, length, context);
}

function peekLength(reader: ByteReader): number | undefined {
  const low = reader.peek(3);
  return low === undefined ? undefined : (reader.peek(1) ?? 0) * 65536 + (reader.peek(2) ?? 0) * 256 + low;
}
