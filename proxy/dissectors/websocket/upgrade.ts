import { latin1 } from '../text.ts';
import { acceptFor } from './accept.ts';

/** What both ends agreed on in the handshake, as far as frames depend on it. */
export interface WebSocketTerms {
  /** permessage-deflate: RSV1 marks a compressed message (RFC 7692). */
  readonly compression: boolean;
}

/** What a request with an Upgrade field asks for. */
export interface UpgradeOffer {
  readonly fields: HeaderFields;
}

type HeaderFields = ReadonlyMap<string, string>;

const UNCLEAR = 'After 101 Switching Protocols the connection speaks something else';

/** Reads a request's head, one that has an Upgrade field. */
export function readUpgradeOffer(head: Uint8Array): UpgradeOffer {
  return { fields: headerFields(head) };
}

/**
 * Whether a 101 response switches the connection to WebSocket: asked for by the request and accepted by the
 * response (RFC 6455, 4.1 and 4.2.2). Returns what was agreed on, or one sentence that says why not.
 */
export function judgeUpgrade(offer: UpgradeOffer | undefined, head: Uint8Array): WebSocketTerms | string {
  const answer = headerFields(head);
  const protocol = answer.get('upgrade');
  if (!hasToken(answer, 'upgrade', 'websocket'))
    return protocol === undefined ? `${UNCLEAR}.` : `${UNCLEAR}: ${protocol.slice(0, 40)}.`;
  if (!offer || !hasToken(offer.fields, 'upgrade', 'websocket'))
    return `${UNCLEAR} than it was asked for: the 101 says WebSocket, the request did not.`;
  const key = offer.fields.get('sec-websocket-key');
  if (!hasToken(offer.fields, 'connection', 'upgrade') || key === undefined)
    return `${UNCLEAR}: the request for WebSocket lacks its Connection or Sec-WebSocket-Key field.`;
  if (!hasToken(answer, 'connection', 'upgrade'))
    return `${UNCLEAR}: the 101 says WebSocket without "Connection: Upgrade".`;
  if (answer.get('sec-websocket-accept') !== acceptFor(key))
    return `${UNCLEAR}: the 101 says WebSocket, and its Sec-WebSocket-Accept does not fit the key that was sent.`;
  return { compression: offers(offer.fields) && offers(answer) };
}

function offers(fields: HeaderFields): boolean {
  return /(^|,)\s*permessage-deflate\s*(;|,|$)/i.test(fields.get('sec-websocket-extensions') ?? '');
}

function hasToken(fields: HeaderFields, name: string, token: string): boolean {
  const values = (fields.get(name) ?? '').split(',');
  return values.some((value) => value.trim().toLowerCase() === token);
}

/** By lower-case name; repeated fields are joined (RFC 9110, 5.3). */
function headerFields(head: Uint8Array): HeaderFields {
  const fields = new Map<string, string>();
  for (const line of latin1(head).split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return fields;
}
