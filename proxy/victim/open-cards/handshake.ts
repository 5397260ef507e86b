import type { CHash } from '@noble/hashes/utils.js';
import { hex } from '#dissectors/text.ts';
import type { SecretLabel } from '#keys/key-log.ts';
import { type Suite, suiteOf } from '#keys/suite.ts';
import type { Transcript } from '#keys/transcript.ts';
import { Refusal } from './alert.ts';
import type { Trust } from './certificate-check.ts';
import type { Offer } from './client-hello.ts';
import type { Group } from './key-share.ts';

/** What a handshake goes by, and who hears of it while it goes on. */
export interface HandshakeOptions {
  readonly offer: Offer;
  readonly trust: Trust;
  readonly tell: HandshakeTold;
}

export interface HandshakeTold {
  /** DER, the site's own certificate first, before it is checked. */
  chain(chain: readonly Uint8Array[]): void;
  /** The private half of the key share that the keys come from. */
  keyShare(share: { readonly group: Group; readonly privateKey: Uint8Array }): void;
  /** A line in SSLKEYLOGFILE form, without the line's end. */
  keyLogged(line: string): void;
}

/** All that a finished handshake was computed from, laid open. */
export interface Cards {
  /** As it stands on the wire: 0x0304 is TLS 1.3. */
  readonly version: number;
  readonly suite: number;
  readonly group: Group;
  readonly clientRandom: Uint8Array;
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly sitePublicKey: Uint8Array;
  /** Of the key shares; in TLS 1.2 it is the pre-master secret. */
  readonly sharedSecret: Uint8Array;
  /** Of TLS 1.3 (RFC 8446, 7.1). */
  readonly handshakeSecret?: Uint8Array;
  readonly masterSecret: Uint8Array;
}

/** The end of a handshake: what was computed, and who takes the messages that come after it. */
export interface Secured {
  readonly cards: Cards;
  afterwards(message: Uint8Array): void;
}

export function suiteFor(code: number): Suite {
  const suite = suiteOf(code);
  if (!suite) throw new Refusal('handshake_failure', 'the suite is none of this client’s');
  return suite;
}

/** Nothing is ever missing from what the client itself has sent and read. */
export function hashOf(transcript: Transcript, hash: CHash): Uint8Array {
  const hashed = transcript.hashed(hash);
  if (!hashed) throw new Refusal('illegal_parameter', 'the handshake is longer than this client listens to');
  return hashed;
}

export function keyLogLine(label: SecretLabel, clientRandom: Uint8Array, secret: Uint8Array): string {
  return `${label} ${hex(clientRandom)} ${hex(secret)}`;
}
