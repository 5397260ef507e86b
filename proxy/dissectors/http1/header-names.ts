import { headerMeaning } from './header-meanings.ts';

/** What is known of a header field by its name. */
export interface HeaderKind {
  readonly lowerCaseName: string;
  readonly filterName: string;
  readonly meaning?: string;
}

/**
 * Wireshark's display-filter names of HTTP header fields, by lower-case field name. Every other header is
 * `http.unknown_header` there and here. Source: `tshark -G fields`, Wireshark 4.0, 2022.
 */
const FILTER_NAMES: ReadonlyMap<string, string> = new Map([
  ['accept', 'http.accept'],
  ['accept-encoding', 'http.accept_encoding'],
  ['accept-language', 'http.accept_language'],
  ['authorization', 'http.authorization'],
  ['cache-control', 'http.cache_control'],
  ['connection', 'http.connection'],
  ['content-encoding', 'http.content_encoding'],
  ['content-length', 'http.content_length_header'],
  ['content-type', 'http.content_type'],
  ['cookie', 'http.cookie'],
  ['date', 'http.date'],
  ['host', 'http.host'],
  ['http2-settings', 'http.http2_settings'],
  ['last-modified', 'http.last_modified'],
  ['location', 'http.location'],
  ['proxy-authenticate', 'http.proxy_authenticate'],
  ['proxy-authorization', 'http.proxy_authorization'],
  ['referer', 'http.referer'],
  ['sec-websocket-accept', 'http.sec_websocket_accept'],
  ['sec-websocket-extensions', 'http.sec_websocket_extensions'],
  ['sec-websocket-key', 'http.sec_websocket_key'],
  ['sec-websocket-protocol', 'http.sec_websocket_protocol'],
  ['sec-websocket-version', 'http.sec_websocket_version'],
  ['server', 'http.server'],
  ['set-cookie', 'http.set_cookie'],
  ['transfer-encoding', 'http.transfer_encoding'],
  ['upgrade', 'http.upgrade'],
  ['user-agent', 'http.user_agent'],
  ['www-authenticate', 'http.www_authenticate'],
  ['x-forwarded-for', 'http.x_forwarded_for'],
]);

export function headerFilterName(lowerCaseName: string): string {
  return FILTER_NAMES.get(lowerCaseName) ?? 'http.unknown_header';
}

/** By the spelling on the wire: looking a name up as it is spares making and hashing its lower case each time. */
const kinds = new Map<string, HeaderKind>();

/** By the name as it was sent, in any case. */
export function headerKind(name: string): HeaderKind {
  return kinds.get(name) ?? unseenKind(name);
}

function unseenKind(name: string): HeaderKind {
  const lowerCaseName = name.toLowerCase();
  const filterName = headerFilterName(lowerCaseName);
  const meaning = headerMeaning(lowerCaseName);
  const kind = { lowerCaseName, filterName, ...(meaning === undefined ? {} : { meaning }) };
  if (meaning !== undefined || FILTER_NAMES.has(lowerCaseName)) keep(kind, name);
  return kind;
}

/**
 * In the two usual spellings only, so that no peer can make the table grow, and as strings of its own: one that was
 * cut out of a message would hold on to all of it.
 */
function keep(kind: HeaderKind, name: string): void {
  const words = kind.lowerCaseName.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const usual = words.join('-');
  const own = { ...kind, lowerCaseName: usual.toLowerCase() };
  if (name === usual) kinds.set(usual, own);
  else if (name === own.lowerCaseName) kinds.set(own.lowerCaseName, own);
}
