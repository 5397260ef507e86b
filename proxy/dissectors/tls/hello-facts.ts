import { hex, utf8 } from '../text.ts';
import { HELLO_RETRY_RANDOM } from './server-hello.ts';

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

const SERVER_NAME = 0;
const EARLY_DATA = 42;
const SUPPORTED_VERSIONS = 43;
// The handshake header, legacy_version and the random come before the session ID.
const SESSION_ID = 4 + 2 + 32;

/**
 * Reads the facts of a whole ClientHello, its header included, where they lie (RFC 8446, 4.1.2): every hello is read
 * for its summary, and a tree would cost many times as much. Broken bytes give what the tree of them says.
 */
export function clientHelloFacts(bytes: Uint8Array): ClientHelloFacts {
  let serverName: string | undefined;
  let earlyData = false;
  const suites = afterVector(bytes, SESSION_ID, 1);
  const methods = Math.min(bytes.length, afterVector(bytes, suites, 2));
  const extensions = Math.min(bytes.length, afterVector(bytes, methods, 1));
  eachExtension(bytes, extensions, (type, start, end) => {
    if (type === EARLY_DATA) earlyData = true;
    if (type === SERVER_NAME) serverName ??= firstServerName(bytes, start, end);
  });
  return serverName === undefined ? { earlyData } : { serverName, earlyData };
}

/** The same of a ServerHello (RFC 8446, 4.1.3). */
export function serverHelloFacts(bytes: Uint8Array): ServerHelloFacts {
  let selected: number | undefined;
  const suite = afterVector(bytes, SESSION_ID, 1);
  eachExtension(bytes, suite + 3, (type, start, end) => {
    if (type === SUPPORTED_VERSIONS && start + 2 <= end) selected ??= uint(bytes, start, 2);
  });
  return {
    version: selected ?? (bytes.length >= 6 ? uint(bytes, 4, 2) : 0),
    cipherSuite: suite + 2 <= bytes.length ? uint(bytes, suite, 2) : 0,
    retry: hex(bytes.subarray(6, 38)) === HELLO_RETRY_RANDOM,
  };
}

/** Each with its type and the range of its content, which is cut short where the bytes end (RFC 8446, 4.2). */
function eachExtension(
  bytes: Uint8Array,
  from: number,
  take: (type: number, start: number, end: number) => void,
): void {
  const listEnd = Math.min(bytes.length, from + 2 + uint(bytes, from, 2));
  for (let at = from + 2; at + 2 <= listEnd;) {
    const start = at + 4;
    const end = start <= listEnd ? Math.min(listEnd, start + uint(bytes, at + 2, 2)) : start;
    take(uint(bytes, at, 2), start, end);
    at = end;
  }
}

/** The first of the list, whatever its type says (RFC 6066, 3). */
function firstServerName(bytes: Uint8Array, start: number, end: number): string | undefined {
  const listEnd = Math.min(end, start + 2 + uint(bytes, start, 2));
  const name = start + 5;
  if (name > listEnd) return undefined;
  const nameEnd = name + uint(bytes, start + 3, 2);
  return nameEnd <= listEnd ? utf8(bytes, name, nameEnd) : undefined;
}

/** The position behind a vector whose length takes so many bytes. */
function afterVector(bytes: Uint8Array, at: number, size: number): number {
  return at + size <= bytes.length ? at + size + uint(bytes, at, size) : Infinity;
}

/** Big-endian; what is not there counts as zero. */
function uint(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let index = at; index < at + size; index++) value = value * 256 + (bytes[index] ?? 0);
  return value;
}
