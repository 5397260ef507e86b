import { handshakeFacts, type HandshakeFacts } from './handshake-facts.ts';
import type { Lookup } from './lookup.ts';
import type { WireConnection } from '../wire-connection.ts';
import type { WireMessage } from '../wire-message.ts';

/** How often something had to go there and come back before the first byte of a request could be sent. */
export interface RoundTrips {
  /** Absent when no look-up was seen. */
  readonly lookup?: number;
  /** Of TCP, which nobody captured: that is what a connection takes before its first byte (RFC 9293, 3.5). */
  readonly connect: number;
  /** Counted in what passed; absent while the handshake has not come through. */
  readonly handshake?: number;
  /** All of them; absent like `handshake`. */
  readonly total?: number;
}

export function roundTripsOf(
  connection: WireConnection,
  facts: HandshakeFacts,
  lookup: Lookup | undefined,
): RoundTrips {
  const connect = connection.opening.transport === 'tcp' ? 1 : 0;
  const handshake = handshakeRoundTrips(connection, facts);
  const asked = lookup && lookupRoundTrips(lookup);
  return {
    connect,
    ...(asked === undefined ? {} : { lookup: asked }),
    ...(handshake === undefined ? {} : { handshake, total: (asked ?? 0) + connect + handshake }),
  };
}

function handshakeRoundTrips({ messages }: WireConnection, facts: HandshakeFacts): number | undefined {
  if (messages.some(({ message }) => message.protocol === 'tls'))
    return facts.finished || facts.asked ? facts.roundTrips : undefined;
  const first = messages[0]?.message;
  // Where the server speaks first, there is no telling what the client waited for.
  return first?.direction === 'client-to-server' ? 0 : undefined;
}

function lookupRoundTrips({ connection, messages, overHttps }: Lookup): number {
  if (!overHttps) return exchanges(messages);
  const own = roundTripsOf(connection, handshakeFacts(connection.messages), undefined);
  return (own.total ?? own.connect) + 1;
}

/** Questions that are asked together are answered together. */
function exchanges(messages: readonly WireMessage[]): number {
  let answered = 0;
  let isAsked = false;
  for (const { message } of messages) {
    if (message.direction === 'client-to-server') isAsked = true;
    else if (isAsked) {
      answered += 1;
      isAsked = false;
    }
  }
  return answered;
}
