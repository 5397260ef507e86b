import { findFields } from '#dissectors/byte-reader.ts';
import type { Direction, Message } from '#dissectors/message.ts';
import { explainHandshake, serverHelloFacts } from '#dissectors/tls/handshake.ts';
import { APPLICATION_DATA, HANDSHAKE } from '#dissectors/tls/record.ts';
import { isTls13 } from '#dissectors/tls/versions.ts';
import { isRequest } from '../traffic.ts';
import type { WireMessage } from '../wire-message.ts';

const PRE_SHARED_KEY = 41;
const SERVER_HELLO_DONE = 14;
const FINISHED = 20;

/** What the wire shows of a handshake as a whole. */
export interface HandshakeFacts {
  /** The last message that the client had to send or wait for before it could ask for anything. */
  readonly lastBeforeRequest?: WireMessage;
  /** The client's Finished and, before TLS 1.3, the server's have both passed. */
  readonly finished: boolean;
  /** The client has sent a request, or what by its place is one. */
  readonly asked: boolean;
  /** Times that the client sent something and had to wait for an answer before its first request could go out. */
  readonly roundTrips: number;
  /** The site went on with what it had agreed on earlier; undefined before that can be told. */
  readonly resumed?: boolean;
}

/**
 * Follows a handshake by what passed, in the order in which it passed. Counted are the server's answers that came
 * before the client could send its first request, or before it did: in TLS 1.3 those before the client's Finished
 * (RFC 8446, 2), before that those before both Finished (RFC 5246, 7.3), none for early data.
 */
export function handshakeFacts(messages: readonly WireMessage[]): HandshakeFacts {
  let roundTrips = 0;
  let isWaiting = false;
  let sawServerHelloDone = false;
  let asked = false;
  const finished: Record<Direction, boolean> = { 'client-to-server': false, 'server-to-client': false };
  for (const tracked of messages) {
    const { message } = tracked;
    const { tls, direction } = message;
    if (!tls) continue;
    if (tls.handshakeTypes.includes(SERVER_HELLO_DONE)) sawServerHelloDone = true;
    // False Start and early data: the client asks before the handshake is over (RFC 7918; RFC 8446, 2.3).
    if (isRequest(message)) asked = true;
    if (!isOfHandshake(message)) continue;
    const fromClient = direction === 'client-to-server';
    if (fromClient) isWaiting = true;
    else if (isWaiting) {
      if (!asked) roundTrips += 1;
      isWaiting = false;
    }
    const mayBeFinished = message.sealed || tls.handshakeTypes.includes(FINISHED);
    if (mayBeFinished && (fromClient || !isTls13(tls.version))) finished[direction] = true;
    const isOver = finished['client-to-server'] && (isTls13(tls.version) || finished['server-to-client']);
    if (!isOver) continue;
    const resumed = isTls13(tls.version) ? undefined : !sawServerHelloDone;
    return {
      ...{ finished: true, asked, roundTrips, lastBeforeRequest: tracked },
      ...(resumed === undefined ? {} : { resumed }),
    };
  }
  return { finished: false, asked, roundTrips };
}

/** What a ServerHello settles: that another try is asked for, or that an earlier key is taken up again. */
export function helloFacts(bytes: readonly number[]): { retry: boolean; preShared: boolean } {
  const whole = Uint8Array.from(bytes);
  const field = explainHandshake(whole, { from: 'server-to-client' });
  const extensions = findFields(field, 'tls.handshake.extension.type');
  return {
    retry: serverHelloFacts(whole).retry,
    preShared: extensions.some(({ value }) => value === PRE_SHARED_KEY),
  };
}

function isOfHandshake({ tls }: Message): boolean {
  if (tls?.contentType === APPLICATION_DATA) return tls.guess === 'handshake';
  return tls?.contentType === HANDSHAKE;
}
