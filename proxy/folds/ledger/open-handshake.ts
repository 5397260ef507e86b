import type { Direction } from '#contract';
import { findField, findFields } from '#dissectors/byte-reader.ts';
import type { Field } from '#dissectors/field.ts';
import { hex } from '#dissectors/text.ts';
import { CLIENT_HELLO, explainHandshake, SERVER_HELLO, serverHelloFacts } from '#dissectors/tls/handshake.ts';
import { groupName } from '#dissectors/tls/names.ts';
import { APPLICATION_DATA, HANDSHAKE, RECORD_HEADER } from '#dissectors/tls/record.ts';
import { isTls13 } from '#dissectors/tls/versions.ts';
import { HandshakeStream } from '#keys/handshake-stream.ts';
import { isOpenHandshake } from '../ladder/handshake-cuts.ts';
import { handshakeFacts } from '../ladder/handshake-facts.ts';
import type { WireConnection } from '../wire-connection.ts';
import type { WireMessage } from '../wire-message.ts';
import type { Beginning } from './ledger-row.ts';

/** What the wire shows of how a TLS connection came to its keys. */
export interface OpenHandshake {
  /** In hex; what the lines of a key log begin with. */
  readonly clientRandom?: string;
  readonly version?: number;
  readonly cipherSuite?: number;
  readonly group?: string;
  readonly began: Beginning;
  readonly retried: boolean;
  readonly bytes: Readonly<Record<Direction, number>>;
  /** NewSessionTickets in clear, as TLS 1.2 sends them. */
  readonly tickets: number;
  /** Nothing that comes later changes it. */
  readonly isSettled: boolean;
}

const NEW_SESSION_TICKET = 4;
const SERVER_KEY_EXCHANGE = 12;
const CHANGE_CIPHER_SPEC = 20;
const RANDOM = { start: 6, end: 38 };
const SESSION_TICKET = 35;
const PRE_SHARED_KEY = 41;
// Two bytes, the type inside and the tag: a sealed alert, where the Finished has at least 53 (RFC 8446, 5.2 and 6).
const SEALED_ALERT = 19;
// Of a handshake in records as they are sent; beyond it one that never ends would be read again with each of them.
const MOST_RECORDS = 200;

export function openHandshake(wire: WireConnection): OpenHandshake {
  const records = wire.messages.slice(0, MOST_RECORDS);
  const client = openMessages(records, 'client-to-server');
  const server = openMessages(records, 'server-to-client');
  const clientHello = client.find(([type]) => type === CLIENT_HELLO);
  const hellos = server.filter(([type]) => type === SERVER_HELLO);
  const last = hellos.findLast((hello) => !serverHelloFacts(hello).retry);
  // Of a connection whose hellos were dropped, the records that are left still say what those settled.
  const settled = records.findLast(({ message }) => message.tls?.version !== undefined)?.message.tls;
  const facts = last && serverHelloFacts(last);
  const version = facts?.version ?? settled?.version;
  const cipherSuite = facts?.cipherSuite ?? settled?.cipherSuite;
  const { finished, resumed } = handshakeFacts(records);
  const isOver = finished && !endsInAlert(records, version);
  const group = groupOf(last, server, { version, cipherSuite });
  return {
    ...(clientHello ? { clientRandom: hex(clientHello.subarray(RANDOM.start, RANDOM.end)) } : {}),
    ...(version === undefined ? {} : { version }),
    ...(cipherSuite === undefined ? {} : { cipherSuite }),
    ...(group === undefined ? {} : { group }),
    began:
      last && isOver ? beginning(last, clientHello, resumed) : unfinished(wire, last !== undefined && isOver),
    retried: hellos.some((hello) => serverHelloFacts(hello).retry),
    bytes: {
      'client-to-server': size(records, 'client-to-server'),
      'server-to-client': size(records, 'server-to-client'),
    },
    tickets: server.filter(([type]) => type === NEW_SESSION_TICKET).length,
    isSettled:
      (finished && areWhole(records)) || wire.closed !== undefined || records.length === MOST_RECORDS,
  };
}

/** The whole handshake messages of one direction that crossed in clear, headers included. */
function openMessages(records: readonly WireMessage[], direction: Direction): readonly Uint8Array[] {
  const stream = new HandshakeStream();
  const whole: Uint8Array[] = [];
  for (const record of records) {
    if (record.message.direction !== direction || !isOpenHandshake(record)) continue;
    const { start, end } = record.message;
    const from = start + RECORD_HEADER;
    if (end <= from) continue;
    const slice = record.connection.slice({ direction, start: from, end });
    // What goes on behind a gap cannot be told from what begins there.
    if (slice.start !== from || slice.bytes.length !== end - from) return whole;
    for (const { bytes } of stream.push(slice.bytes)) whole.push(bytes);
  }
  return whole;
}

function beginning(
  serverHello: Uint8Array,
  clientHello: Uint8Array | undefined,
  resumed: boolean | undefined,
): Beginning {
  if (isTls13(serverHelloFacts(serverHello).version)) {
    const answer = explainHandshake(serverHello, { from: 'server-to-client' });
    if (!extension(answer, PRE_SHARED_KEY)) return 'full';
    return findField(answer, 'tls.handshake.extensions_key_share_group') ? 'PSK with (EC)DHE' : 'PSK';
  }
  if (resumed !== true) return 'full';
  const asked = clientHello && explainHandshake(clientHello, { from: 'client-to-server' });
  // One without content says that the client would take a ticket (RFC 5077, 3.1).
  return asked && extension(asked, SESSION_TICKET) ? 'resumed with a ticket' : 'resumed with a session ID';
}

function unfinished(wire: WireConnection, isOver: boolean): Beginning {
  if (isOver || wire.hasLostBytes) return 'not seen';
  return wire.closed ? 'broken off' : 'under way';
}

/** The extension of this type, if it is there with content. */
function extension(hello: Field, type: number): Field | undefined {
  return findFields(hello, 'plainsight.tls.extension').find(
    (field) => findField(field, 'tls.handshake.extension.type')?.value === type,
  );
}

/** In TLS 1.3 the ServerHello names it, before that the ServerKeyExchange, if there is one. */
function groupOf(
  serverHello: Uint8Array | undefined,
  server: readonly Uint8Array[],
  agreed: { readonly version: number | undefined; readonly cipherSuite: number | undefined },
): string | undefined {
  const from = 'server-to-client';
  if (serverHello && isTls13(agreed.version)) {
    const share = findField(
      explainHandshake(serverHello, { from }),
      'tls.handshake.extensions_key_share_group',
    );
    return share && groupName(Number(share.value));
  }
  const exchange = server.find(([type]) => type === SERVER_KEY_EXCHANGE);
  if (!exchange) return undefined;
  const field = explainHandshake(exchange, { ...agreed, from });
  const curve = findField(field, 'tls.handshake.server_named_curve');
  if (curve) return groupName(Number(curve.value));
  const prime = findField(field, 'tls.handshake.p');
  return prime && `finite field, ${(prime.range.end - prime.range.start) * 8} bits`;
}

/** What the client sent where its Finished should be says that it leaves. */
function endsInAlert(records: readonly WireMessage[], version: number | undefined): boolean {
  if (!isTls13(version)) return false;
  const sealed = records.find(
    ({ message }) => message.direction === 'client-to-server' && message.tls?.guess === 'handshake',
  );
  return sealed?.message.tls?.length === SEALED_ALERT;
}

function areWhole(records: readonly WireMessage[]): boolean {
  return records.every(({ message }) => message.complete || !isOfHandshake(message));
}

function size(records: readonly WireMessage[], direction: Direction): number {
  let bytes = 0;
  for (const { message } of records) {
    if (message.direction !== direction || !isOfHandshake(message)) continue;
    bytes += message.end - message.start;
  }
  return bytes;
}

function isOfHandshake({ tls }: WireMessage['message']): boolean {
  if (tls?.contentType === APPLICATION_DATA) return tls.guess === 'handshake';
  return tls?.contentType === HANDSHAKE || tls?.contentType === CHANGE_CIPHER_SPEC;
}
