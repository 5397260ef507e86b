import { type ByteReader, dissectBytes, findField, findFields } from '../byte-reader.ts';
import { hex } from '../text.ts';
import type { Field } from '../field.ts';
import { readClientHello } from './client-hello.ts';
import { cipherSuiteName, handshakeName, versionName } from './names.ts';
import { HELLO_RETRY_RANDOM, readServerHello } from './server-hello.ts';

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
export function readHandshakeMessages(reader: ByteReader): void {
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
    reader.group('tls.handshake', handshakeName(reader.peek() ?? 0), () => readHandshakeMessage(reader));
  }
}

/** Explains one whole handshake message that was put together from several records. */
export function explainHandshake(bytes: Uint8Array): Field {
  return dissectBytes(bytes, 'tls.handshake', handshakeName(bytes[0] ?? 0), readHandshakeMessage);
}

export function clientHelloFacts(bytes: Uint8Array): ClientHelloFacts {
  const field = explainHandshake(bytes);
  const name = findField(field, 'tls.handshake.extensions_server_name')?.value;
  const extensions = findFields(field, 'tls.handshake.extension.type');
  return {
    ...(typeof name === 'string' ? { serverName: name } : {}),
    earlyData: extensions.some(({ value }) => value === 42),
  };
}

export function serverHelloFacts(bytes: Uint8Array): ServerHelloFacts {
  const field = explainHandshake(bytes);
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

function readHandshakeMessage(reader: ByteReader): void {
  const type = reader.uint(1, 'tls.handshake.type', 'Handshake type', handshakeName);
  const length = reader.uint(3, 'tls.handshake.length', 'Length', (value) => `${value} bytes follow`);
  if (type === CLIENT_HELLO)
    reader.block(length, 'plainsight.tls.client_hello', 'ClientHello', () => readClientHello(reader));
  else if (type === SERVER_HELLO)
    reader.block(length, 'plainsight.tls.server_hello', 'ServerHello', () => readServerHello(reader));
  else
    reader.opaque(
      length,
      'plainsight.tls.handshake_body',
      handshakeName(type),
      'In clear, not taken apart here.',
    );
}

function peekLength(reader: ByteReader): number | undefined {
  const low = reader.peek(3);
  return low === undefined ? undefined : (reader.peek(1) ?? 0) * 65536 + (reader.peek(2) ?? 0) * 256 + low;
}
