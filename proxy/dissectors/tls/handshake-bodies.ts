import type { ByteReader } from '../byte-reader.ts';
import { readClientHello } from './client-hello.ts';
import { readCertificateStatus } from './extensions/certificate-status.ts';
import type { HandshakeContext } from './handshake-context.ts';
import { readCertificateRequest } from './messages/certificate-request.ts';
import { readCertificateVerify } from './messages/certificate-verify.ts';
import { readCertificateMessage, readCompressedCertificate } from './messages/certificate.ts';
import { readClientKeyExchange } from './messages/client-key-exchange.ts';
import { readNewSessionTicket } from './messages/new-session-ticket.ts';
import { readServerKeyExchange } from './messages/server-key-exchange.ts';
import {
  readEncryptedExtensions,
  readFinished,
  readKeyUpdate,
  readMessageHash,
  readNothing,
} from './messages/short-messages.ts';
import { handshakeName } from './names.ts';
import { readServerHello } from './server-hello.ts';

type Reading = (reader: ByteReader, context: HandshakeContext) => void;

/** The bodies by handshake type, each with the last part of its field's name. */
const BODIES: ReadonlyMap<number, readonly [name: string, reading: Reading]> = new Map<
  number,
  readonly [string, Reading]
>([
  [0, ['hello_request', readNothing]],
  [1, ['client_hello', readClientHello]],
  [2, ['server_hello', readServerHello]],
  [4, ['new_session_ticket', readNewSessionTicket]],
  [5, ['end_of_early_data', readNothing]],
  [8, ['encrypted_extensions', readEncryptedExtensions]],
  [11, ['certificate', readCertificateMessage]],
  [12, ['server_key_exchange', readServerKeyExchange]],
  [13, ['certificate_request', readCertificateRequest]],
  [14, ['server_hello_done', readNothing]],
  [15, ['certificate_verify', readCertificateVerify]],
  [16, ['client_key_exchange', readClientKeyExchange]],
  [20, ['finished', readFinished]],
  [22, ['certificate_status', readCertificateStatus]],
  [24, ['key_update', readKeyUpdate]],
  [25, ['compressed_certificate', readCompressedCertificate]],
  [254, ['message_hash', readMessageHash]],
]);

/** `length` bytes of a handshake message behind its header; what is of no known type stays as it is. */
export function readHandshakeBody(
  reader: ByteReader,
  type: number,
  length: number,
  context: HandshakeContext,
): void {
  const body = BODIES.get(type);
  const label = handshakeName(type);
  if (body) reader.block(length, `plainsight.tls.${body[0]}`, label, () => body[1](reader, context));
  else reader.opaque(length, 'plainsight.tls.handshake_body', label, 'Not taken apart here.');
}
