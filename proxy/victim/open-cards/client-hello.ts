import { joined, uint } from '#keys/bytes.ts';
import { CLIENT_HELLO } from '#keys/handshake-types.ts';
import {
  ALPN,
  COOKIE,
  EC_POINT_FORMATS,
  EXTENDED_MASTER_SECRET,
  KEY_SHARE,
  PSK_KEY_EXCHANGE_MODES,
  RENEGOTIATION_INFO,
  SERVER_NAME,
  SIGNATURE_ALGORITHMS,
  SUPPORTED_GROUPS,
  SUPPORTED_VERSIONS,
  TLS_1_2,
  TLS_1_3,
  type Version,
} from './code-points.ts';
import type { Group, KeyShare } from './key-share.ts';
import { OFFERED_SCHEMES } from './signature-check.ts';
import { codes, handshakeMessage, vector } from './wire-writer.ts';

/** What the client offers: one version, so that nothing about it is left open. */
export interface Offer {
  readonly version: Version;
  readonly host: string;
  /** 32 bytes. */
  readonly random: Uint8Array;
  /** Fresh bytes that TLS 1.3 does not need and old middleboxes do (RFC 8446, D.4); empty in TLS 1.2. */
  readonly sessionId: Uint8Array;
  /** In the order of preference. */
  readonly suites: readonly number[];
  /** In the order of preference; a key share is sent of the first. */
  readonly groups: readonly Group[];
}

/** The one protocol that this client speaks inside (RFC 7301). */
export const PROTOCOL = 'http/1.1';

const UNCOMPRESSED = 0;
const PSK_WITH_DHE = 1;

/** A ClientHello (RFC 8446, 4.1.2; RFC 5246, 7.4.1.2); with a key share, and a cookie where a retry asked for it. */
export function clientHello(offer: Offer, share?: KeyShare, cookie?: Uint8Array): Uint8Array {
  return handshakeMessage(
    CLIENT_HELLO,
    uint(TLS_1_2, 2),
    offer.random,
    vector(1, offer.sessionId),
    vector(2, codes(offer.suites)),
    vector(1, Uint8Array.of(UNCOMPRESSED)),
    vector(2, ...commonExtensions(offer), ...(share ? extensions13(share, cookie) : extensions12())),
  );
}

function commonExtensions({ host, groups }: Offer): readonly Uint8Array[] {
  const name = vector(2, Uint8Array.of(0), vector(2, Buffer.from(host, 'latin1')));
  return [
    extension(SERVER_NAME, name),
    extension(SUPPORTED_GROUPS, vector(2, codes(groups))),
    extension(SIGNATURE_ALGORITHMS, vector(2, codes(OFFERED_SCHEMES))),
    extension(ALPN, vector(2, vector(1, Buffer.from(PROTOCOL, 'latin1')))),
  ];
}

function extensions13({ group, publicKey }: KeyShare, cookie?: Uint8Array): readonly Uint8Array[] {
  return [
    extension(SUPPORTED_VERSIONS, vector(1, uint(TLS_1_3, 2))),
    // Without it a server sends no tickets; with it, like to most clients, although none is ever used.
    extension(PSK_KEY_EXCHANGE_MODES, vector(1, Uint8Array.of(PSK_WITH_DHE))),
    extension(KEY_SHARE, vector(2, uint(group, 2), vector(2, publicKey))),
    ...(cookie ? [extension(COOKIE, vector(2, cookie))] : []),
  ];
}

function extensions12(): readonly Uint8Array[] {
  return [
    extension(EC_POINT_FORMATS, vector(1, Uint8Array.of(0))),
    extension(EXTENDED_MASTER_SECRET),
    extension(RENEGOTIATION_INFO, vector(1)),
  ];
}

function extension(type: number, ...content: readonly Uint8Array[]): Uint8Array {
  return joined(uint(type, 2), vector(2, ...content));
}
