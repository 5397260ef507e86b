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
  ['last-modified', 'http.last_modified'],
  ['location', 'http.location'],
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
]);

/** What a header means for the stranger, where it is worth a sentence. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['authorization', 'Whoever shows this is let in.'],
  ['cookie', 'How the site recognises this browser.'],
  ['host', 'The site that is asked for.'],
  ['referer', 'The page the visitor came from.'],
  ['set-cookie', 'The site hands out what it will recognise this browser by.'],
  ['user-agent', 'What browser and system this is.'],
]);

export function headerFilterName(lowerCaseName: string): string {
  return FILTER_NAMES.get(lowerCaseName) ?? 'http.unknown_header';
}

export function headerMeaning(lowerCaseName: string): string | undefined {
  return MEANINGS.get(lowerCaseName);
}
