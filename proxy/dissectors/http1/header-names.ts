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
