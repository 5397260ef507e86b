import { type ByteReader, dissectBytes, findField, findFields } from '../byte-reader.ts';
import { hex } from '../text.ts';
import type { Field } from '../field.ts';
import { readHandshakeBody } from './handshake-bodies.ts';
import type { HandshakeContext } from './handshake-context.ts';
import { cipherSuiteName, handshakeName, versionName } from './names.ts';
import { HELLO_RETRY_RANDOM } from './server-hello.ts';

export type { HandshakeContext } from './handshake-context.ts';

export const CLIENT_HELLO = 1;
export const SERVER_HELLO = 2;

/** What a ClientHello shows to everybody on the way. */
export interface ClientHelloFacts {
  readonly serverName?: string;
  readonly earlyData: boolean;
}

/** What a ServerHello settles; `version` is the real one, from supported_versions where it is there. */
export interface ServerHelloFacts {
  readonly version: number;
  readonly cipherSuite: number;
  readonly retry: boolean;
}

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

export function clientHelloFacts(bytes: Uint8Array): ClientHelloFacts {
  const field = explainHandshake(bytes, { from: 'client-to-server' });
  const name = findField(field, 'tls.handshake.extensions_server_name')?.value;
  const extensions = findFields(field, 'tls.handshake.extension.type');
  return {
    ...(typeof name === 'string' ? { serverName: name } : {}),
    earlyData: extensions.some(({ value }) => value === 42),
  };
}

export function serverHelloFacts(bytes: Uint8Array): ServerHelloFacts {
  const field = explainHandshake(bytes, { from: 'server-to-client' });
  const selected =
    findField(field, 'tls.handshake.extensions.supported_version') ??
    findField(field, 'tls.handshake.version');
  return {
    version: Number(selected?.value ?? 0),
    cipherSuite: Number(findField(field, 'tls.handshake.ciphersuite')?.value ?? 0),
    retry: hex(bytes.subarray(6, 38)) === HELLO_RETRY_RANDOM,
  };
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
