import { Refusal } from './alert.ts';
import { PROTOCOL } from './client-hello.ts';
import { ALPN, SERVER_NAME, SUPPORTED_GROUPS } from './code-points.ts';
import { WireReader } from './wire-reader.ts';

const HEADER = 4;

/** A signature and its scheme. */
export interface Signature {
  readonly scheme: number;
  readonly bytes: Uint8Array;
}

/** Refuses what was not asked for, and another protocol than the one offered (RFC 8446, 4.3.1; RFC 7301, 3.2). */
export function checkEncryptedExtensions(message: Uint8Array): void {
  const reader = new WireReader(message.subarray(HEADER));
  const extensions = reader.extensions();
  reader.end();
  const other = [...extensions.keys()].find((type) => ![SERVER_NAME, SUPPORTED_GROUPS, ALPN].includes(type));
  if (other !== undefined)
    throw new Refusal('unsupported_extension', `extension ${other} has no place in EncryptedExtensions`);
  checkProtocol(extensions);
}

export function checkProtocol(extensions: ReadonlyMap<number, Uint8Array>): void {
  const chosen = extensions.get(ALPN);
  if (!chosen) return;
  const reader = new WireReader(chosen);
  const list = reader.inside(2);
  reader.end();
  const protocol = Buffer.from(list.vector(1)).toString('latin1');
  list.end();
  if (protocol !== PROTOCOL) throw new Refusal('illegal_parameter', 'the site chose a protocol not offered');
}

/** The chain of a Certificate of TLS 1.3, DER, the site's own first (RFC 8446, 4.4.2). */
export function chainOf13(message: Uint8Array): readonly Uint8Array[] {
  const reader = new WireReader(message.subarray(HEADER));
  if (reader.vector(1).length > 0)
    throw new Refusal('illegal_parameter', 'the site answers a request for a certificate that nobody made');
  const list = reader.inside(3);
  reader.end();
  const chain: Uint8Array[] = [];
  while (!list.isAtEnd) {
    chain.push(list.vector(3));
    if (list.extensions().size > 0)
      throw new Refusal('unsupported_extension', 'a certificate comes with what was not asked for');
  }
  return chain;
}

/** The same of TLS 1.2 (RFC 5246, 7.4.2). */
export function chainOf12(message: Uint8Array): readonly Uint8Array[] {
  const reader = new WireReader(message.subarray(HEADER));
  const list = reader.inside(3);
  reader.end();
  const chain: Uint8Array[] = [];
  while (!list.isAtEnd) chain.push(list.vector(3));
  return chain;
}

/** The context that an answer to a CertificateRequest repeats (RFC 8446, 4.3.2). */
export function requestContext(message: Uint8Array): Uint8Array {
  const reader = new WireReader(message.subarray(HEADER));
  const context = reader.vector(1);
  reader.extensions();
  reader.end();
  return context;
}

/** A CertificateVerify (RFC 8446, 4.4.3). */
export function signatureOf(message: Uint8Array): Signature {
  const reader = new WireReader(message.subarray(HEADER));
  const scheme = reader.uint(2);
  const bytes = reader.vector(2);
  reader.end();
  return { scheme, bytes };
}

/** Whether a KeyUpdate asks for one in return (RFC 8446, 4.6.3). */
export function asksForUpdate(message: Uint8Array): boolean {
  const reader = new WireReader(message.subarray(HEADER));
  const asks = reader.uint(1);
  reader.end();
  if (asks > 1) throw new Refusal('illegal_parameter', 'a KeyUpdate asks for what there is not');
  return asks === 1;
}
