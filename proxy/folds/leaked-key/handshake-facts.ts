import { findField, findFields } from '#dissectors/byte-reader.ts';
import type { Field } from '#dissectors/field.ts';
import { hex } from '#dissectors/text.ts';
import { explainHandshake } from '#dissectors/tls/handshake.ts';
import { keyExchangeOf } from '#dissectors/tls/key-exchange.ts';
import { type ClientHello, readClientHello, readServerHello, type ServerHello } from '#keys/hellos.ts';
import { joined } from '#keys/bytes.ts';
import type { StreamRange } from '../view.ts';
import type { WireConnection } from '../wire-connection.ts';
import { type ClearMessage, clearHandshake } from './clear-handshake.ts';

const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const NEW_SESSION_TICKET = 4;
const CERTIFICATE = 11;
const SERVER_KEY_EXCHANGE = 12;
const CLIENT_KEY_EXCHANGE = 16;
const EXTENDED_MASTER_SECRET = 23;
const SESSION_TICKET = 35;
const TLS_1_3 = 0x0304;
/** Behind the handshake header: lifetime and length (RFC 5077, 3.3). */
const TICKET = 4 + 4 + 2;

/** How the two ends came to their secret, as far as the wire shows it. */
export type Exchange = 'static RSA' | '(EC)DHE' | 'resumption' | 'other';

/** What a handshake in clear says that a stolen private key could be used on. */
export interface HandshakeFacts {
  readonly client: ClientHello;
  readonly server: ServerHello;
  /** `legacy_version` of the ClientHello, which a pre-master secret repeats. */
  readonly offered: number;
  readonly exchange: Exchange;
  /** The ClientKeyExchange of TLS 1.2. */
  readonly keyExchange?: ClearMessage;
  /** What each end sent of its own for (EC)DHE: key shares in TLS 1.3, Server- and ClientKeyExchange before. */
  readonly shares: readonly StreamRange[];
  readonly hasCertificate: boolean;
  /** All messages up to and including ClientKeyExchange, where an extended master secret was agreed on. */
  readonly transcript?: Uint8Array;
  /** Under what the session could be taken up later: ID and ticket in hex. */
  readonly gives: readonly string[];
  /** What the client took up, in hex. */
  readonly takesUp: readonly string[];
}

/** Undefined before both hellos have crossed. */
export function handshakeFacts(wire: WireConnection): HandshakeFacts | undefined {
  const messages = clearHandshake(wire);
  const of = (wanted: number) => messages.findLast(({ type }) => type === wanted);
  const [clientHello, serverHello] = [of(CLIENT_HELLO), of(SERVER_HELLO)];
  const client = clientHello && readClientHello(clientHello.bytes);
  const server = serverHello && readServerHello(serverHello.bytes);
  if (!client || !server) return undefined;
  const [ours, theirs] = [tree(clientHello), tree(serverHello)];
  const sitesShares = sharesIn(serverHello, theirs);
  const keyExchange = of(CLIENT_KEY_EXCHANGE);
  const ticket = of(NEW_SESSION_TICKET);
  const [offeredId, givenId] = [idIn(clientHello, ours), idIn(serverHello, theirs)];
  const [high = 0, low = 0] = clientHello.bytes.subarray(4);
  return {
    ...{ client, server, offered: high * 256 + low },
    exchange: server.version === TLS_1_3 ? exchange13(sitesShares) : exchange12(server, messages),
    shares:
      server.version === TLS_1_3
        ? [...sharesIn(clientHello, ours), ...sitesShares]
        : [of(SERVER_KEY_EXCHANGE), keyExchange].flatMap((message) => message?.places ?? []),
    hasCertificate: of(CERTIFICATE) !== undefined,
    ...(keyExchange ? { keyExchange } : {}),
    ...(keyExchange && extensions(theirs).includes(EXTENDED_MASTER_SECRET)
      ? { transcript: upTo(keyExchange, messages) }
      : {}),
    gives: [givenId, ticket ? hex(ticket.bytes.subarray(TICKET)) : ''].filter((name) => name !== ''),
    takesUp: [offeredId, ticketIn(clientHello, ours)].filter((name) => name !== ''),
  };
}

/** Without a share of the site's, the secret comes from a PSK alone (RFC 8446, 2.2). */
function exchange13(sitesShares: readonly StreamRange[]): Exchange {
  return sitesShares.length > 0 ? '(EC)DHE' : 'other';
}

function exchange12({ cipherSuite }: ServerHello, messages: readonly ClearMessage[]): Exchange {
  const has = (wanted: number) => messages.some(({ type }) => type === wanted);
  if (!has(CERTIFICATE) && !has(CLIENT_KEY_EXCHANGE)) return 'resumption';
  const exchange = keyExchangeOf(cipherSuite)?.exchange;
  if (exchange === 'rsa') return 'static RSA';
  return exchange === 'ecdhe' || exchange === 'dhe' ? '(EC)DHE' : 'other';
}

function upTo(last: ClearMessage, messages: readonly ClearMessage[]): Uint8Array {
  const hashed = messages.slice(0, messages.indexOf(last) + 1);
  // A HelloRequest is no part of any handshake (RFC 5246, 7.4.1.1).
  return joined(...hashed.filter(({ type }) => type !== 0).map(({ bytes }) => bytes));
}

function tree({ bytes, direction }: ClearMessage): Field {
  return explainHandshake(bytes, { from: direction });
}

function extensions(hello: Field): readonly unknown[] {
  return findFields(hello, 'tls.handshake.extension.type').map(({ value }) => value);
}

function idIn({ bytes }: ClearMessage, hello: Field): string {
  const id = findField(hello, 'tls.handshake.session_id');
  return id ? hex(bytes, id.range.start, id.range.end) : '';
}

function ticketIn({ bytes }: ClearMessage, hello: Field): string {
  const extension = findFields(hello, 'plainsight.tls.extension').find(
    (field) => findField(field, 'tls.handshake.extension.type')?.value === SESSION_TICKET,
  );
  // Its type and its length come before what it holds.
  return extension ? hex(bytes, extension.range.start + 4, extension.range.end) : '';
}

function sharesIn({ places }: ClearMessage, hello: Field): readonly StreamRange[] {
  const [place, ...more] = places;
  // Over several records its ranges are no longer those of the tree: then the whole message stands for it.
  if (!place || more.length > 0) return places;
  return findFields(hello, 'tls.handshake.extensions_key_share_key_exchange').map(({ range }) => ({
    ...place,
    start: place.start + range.start,
    end: place.start + range.end,
  }));
}
