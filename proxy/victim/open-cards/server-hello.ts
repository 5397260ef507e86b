import { cipherSuiteName, groupName } from '#dissectors/tls/names.ts';
import { HELLO_RETRY_RANDOM } from '#dissectors/tls/server-hello.ts';
import { hex } from '#dissectors/text.ts';
import { sameBytes } from '#keys/bytes.ts';
import { Refusal } from './alert.ts';
import type { Offer } from './client-hello.ts';
import { COOKIE, KEY_SHARE, SUPPORTED_VERSIONS, TLS_1_2, TLS_1_3 } from './code-points.ts';
import type { Group, KeyShare } from './key-share.ts';
import { WireReader } from './wire-reader.ts';

/** A ServerHello as it stands, whatever it agrees on (RFC 8446, 4.1.3). */
export interface ServerHello {
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly suite: number;
  readonly extensions: ReadonlyMap<number, Uint8Array>;
}

/** The key share that the site chose. */
export interface Agreement13 {
  readonly suite: number;
  readonly publicKey: Uint8Array;
}

/** What the site wants instead of what the first ClientHello held. */
export interface Retry {
  readonly suite: number;
  readonly group: Group | undefined;
  readonly cookie: Uint8Array | undefined;
}

const HEADER = 4;
/** The last bytes of a random with which a TLS 1.3 server says that it was talked into an older version. */
const DOWNGRADE = /444f574e4752440[01]$/;

/** Reads it and checks what holds in every version: a suite that was offered, no compression. */
export function readServerHello(message: Uint8Array, { suites }: Offer): ServerHello {
  const reader = new WireReader(message.subarray(HEADER));
  const version = reader.uint(2);
  const random = reader.bytes(32);
  const sessionId = reader.vector(1);
  const suite = reader.uint(2);
  const compression = reader.uint(1);
  const extensions = reader.isAtEnd ? new Map<number, Uint8Array>() : reader.extensions();
  reader.end();
  // Frozen in TLS 1.3, where the extension counts, and the version itself in TLS 1.2.
  if (version !== TLS_1_2)
    throw new Refusal('protocol_version', 'the site wants a version that was not offered');
  if (!suites.includes(suite))
    throw new Refusal('illegal_parameter', `${cipherSuiteName(suite)} was not offered`);
  if (compression !== 0) throw new Refusal('illegal_parameter', 'the site wants to compress');
  return { random, sessionId, suite, extensions };
}

export function isRetry({ random }: ServerHello): boolean {
  return hex(random) === HELLO_RETRY_RANDOM;
}

/** Refuses anything but TLS 1.3, and what answers another ClientHello (RFC 8446, 4.1.3 and 4.2.1). */
export function checkVersion13({ random, sessionId, extensions }: ServerHello, offer: Offer): void {
  const selected = extensions.get(SUPPORTED_VERSIONS);
  if (!selected) {
    if (DOWNGRADE.test(hex(random)))
      throw new Refusal('illegal_parameter', 'somebody on the way took TLS 1.3 out of the ClientHello');
    throw new Refusal('protocol_version', 'the site does not speak TLS 1.3');
  }
  const reader = new WireReader(selected);
  if (reader.uint(2) !== TLS_1_3) throw new Refusal('illegal_parameter', 'the site chose no version offered');
  reader.end();
  if (!sameBytes(sessionId, offer.sessionId))
    throw new Refusal('illegal_parameter', 'the site answers with another session ID');
}

/** The key share of a ServerHello, which must belong to the one that was sent (RFC 8446, 4.2.8). */
export function readAgreement(hello: ServerHello, share: KeyShare): Agreement13 {
  refuseOthers(hello, [SUPPORTED_VERSIONS, KEY_SHARE]);
  const content = hello.extensions.get(KEY_SHARE);
  if (!content) throw new Refusal('missing_extension', 'the ServerHello has no key share');
  const reader = new WireReader(content);
  const group = reader.uint(2);
  const publicKey = reader.vector(2);
  reader.end();
  if (group !== share.group)
    throw new Refusal('illegal_parameter', `no key share of ${groupName(group)} was sent`);
  return { suite: hello.suite, publicKey };
}

/** A HelloRetryRequest, which must ask for something that was offered and not sent (RFC 8446, 4.1.4). */
export function readRetry(hello: ServerHello, { groups }: Offer, share: KeyShare): Retry {
  refuseOthers(hello, [SUPPORTED_VERSIONS, KEY_SHARE, COOKIE]);
  const { extensions, suite } = hello;
  const [wanted, kept] = [extensions.get(KEY_SHARE), extensions.get(COOKIE)];
  if (!wanted && !kept) throw new Refusal('illegal_parameter', 'the retry asks for nothing else');
  return { suite, group: wanted && retryGroup(wanted, groups, share), cookie: kept && cookieIn(kept) };
}

function retryGroup(content: Uint8Array, groups: readonly Group[], share: KeyShare): Group {
  const reader = new WireReader(content);
  const code = reader.uint(2);
  reader.end();
  const group = groups.find((offered) => offered === code);
  if (group === undefined || group === share.group)
    throw new Refusal('illegal_parameter', `the retry asks for ${groupName(code)}`);
  return group;
}

function cookieIn(content: Uint8Array): Uint8Array {
  const reader = new WireReader(content);
  const cookie = reader.vector(2);
  reader.end();
  return cookie;
}

function refuseOthers({ extensions }: ServerHello, allowed: readonly number[]): void {
  const other = [...extensions.keys()].find((type) => !allowed.includes(type));
  if (other !== undefined)
    throw new Refusal('unsupported_extension', `extension ${other} has no place in this hello`);
}
