import { identifySsl2 } from './tls/ssl2.ts';

/** `need-more`: what is here so far could still become more than one of them. */
export type Identity = 'tls' | 'http1' | 'unknown' | 'need-more';

/**
 * Tells from the first bytes of a direction what it speaks. Looks at no more than 32 bytes.
 *
 * TLS: a content type of 20 to 23 and a major version of 3 (RFC 8446, 5.1), or a hello in the format of SSL 2.0
 * (RFC 5246, E.2). HTTP/1: a status line, or a method token followed by a space (RFC 9112, 3 and 4), where empty
 * lines may come first (2.2).
 */
export function identify(bytes: Uint8Array): Identity {
  const first = bytes[0];
  if (first === undefined) return 'need-more';
  if (first >= 20 && first <= 23) return identifyTls(bytes);
  if (first >= 0x80) return identifySsl2(bytes);
  return identifyHttp(bytes);
}

/** Why a stream of no known protocol is not one, as far as its first bytes tell. */
export function unknownReason(bytes: Uint8Array): string {
  if (startsWith(bytes, 'PRI * HTTP/2')) return 'HTTP/2 without TLS, which is not taken apart here.';
  return 'Neither TLS nor HTTP/1.1.';
}

// Longer than any registered method (UPDATEREDIRECTREF, 17), short enough to decide early.
const LONGEST_METHOD = 24;

function identifyTls(bytes: Uint8Array): Identity {
  if (bytes.length > 1 && bytes[1] !== 3) return 'unknown';
  if (bytes.length > 2 && (bytes[2] ?? 0) > 4) return 'unknown';
  return bytes.length > 2 ? 'tls' : 'need-more';
}

function identifyHttp(bytes: Uint8Array): Identity {
  let start = 0;
  while (start < 4 && (bytes[start] === 13 || bytes[start] === 10)) start++;
  const line = bytes.subarray(start, start + LONGEST_METHOD + 1);
  if (startsWith(line, 'HTTP/1.')) return 'http1';
  if (startsWith(line, 'PRI * HTTP/2')) return 'unknown';
  const space = line.indexOf(0x20);
  if (!isToken(line, space === -1 ? line.length : space)) {
    return space === -1 && isPrefixOf(line, 'HTTP/1.') ? 'need-more' : 'unknown';
  }
  if (space === 3 && isPrefixOf(line, 'PRI * HTTP/2')) return 'need-more';
  if (space > 0) return 'http1';
  return space === 0 || line.length > LONGEST_METHOD ? 'unknown' : 'need-more';
}

function isToken(bytes: Uint8Array, end: number): boolean {
  for (let at = 0; at < end; at++) if (!isTokenByte(bytes[at] ?? 0)) return false;
  return true;
}

/** RFC 9110, 5.6.2. */
function isTokenByte(byte: number): boolean {
  if (byte >= 0x30 && byte <= 0x39) return true;
  if ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) return true;
  return "!#$%&'*+-.^_`|~".includes(String.fromCharCode(byte));
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return bytes.length >= text.length && matches(bytes, text, text.length);
}

/** The bytes, as far as they go, are how the text begins. */
function isPrefixOf(bytes: Uint8Array, text: string): boolean {
  return bytes.length <= text.length && matches(bytes, text, bytes.length);
}

function matches(bytes: Uint8Array, text: string, length: number): boolean {
  for (let at = 0; at < length; at++) if (bytes[at] !== text.charCodeAt(at)) return false;
  return true;
}
