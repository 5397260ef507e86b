import type { Message } from '../message.ts';
import type { HandshakeContext } from './handshake-context.ts';

/** RFC 8446, 5.1 and B.1. */
export const CHANGE_CIPHER_SPEC = 20;
export const ALERT = 21;
export const HANDSHAKE = 22;
export const APPLICATION_DATA = 23;

export const RECORD_HEADER = 5;

// 2^14 of content and what protection may add: 2048 in TLS 1.2 (RFC 5246, 6.2.3), 256 in 1.3 (RFC 8446, 5.2).
export const LONGEST_RECORD = 2 ** 14 + 2048;

/** What a record cannot say of itself, because it depends on what came before. */
export interface RecordContext extends Partial<HandshakeContext> {
  /** Its content is encrypted. */
  readonly sealed: boolean;
  /** Bytes at the front that belong to a handshake message begun in an earlier record. */
  readonly carriedOver: number;
}

/** What the messages before it told of a record. */
export function recordContext({ direction, sealed, tls }: Message): RecordContext {
  const { carriedOver = 0, version, cipherSuite } = tls ?? {};
  return { sealed, carriedOver, version, cipherSuite, from: direction };
}

/** Why these five bytes are no record header; undefined when they are one. */
export function recordHeaderFault(type: number, version: number, length: number): string | undefined {
  if (type < CHANGE_CIPHER_SPEC || type > APPLICATION_DATA)
    return `Content type ${type} is none that is read here.`;
  if (version >> 8 !== 3) return `No TLS record has version ${version >> 8}.${version & 0xff}.`;
  if (length > LONGEST_RECORD)
    return `A TLS record of ${length} bytes: more than the ${LONGEST_RECORD} that are allowed.`;
  return undefined;
}
