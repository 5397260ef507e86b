/** What a header is for, or what it gives the stranger, where the name alone does not say so. By lower-case name. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['accept-encoding', 'The compressions that the client can undo.'],
  ['accept-language', 'The visitor’s languages, in order.'],
  ['authorization', 'With Basic and Bearer, whoever shows this is let in.'],
  ['cache-control', 'Who may keep an answer, and for how long.'],
  ['connection', 'What holds for this connection only and is not passed on.'],
  ['content-encoding', 'How the body was compressed.'],
  ['content-length', 'How many bytes of body follow: how both ends know where it ends.'],
  ['content-security-policy', 'What the page may load and run: limits what injected code can do.'],
  ['cookie', 'How the site recognises this browser.'],
  ['etag', 'A name for this version of the answer; the browser shows it to ask whether it changed.'],
  ['expect', 'The client waits for 100 Continue before it sends the body.'],
  ['host', 'The site that is asked for.'],
  ['if-modified-since', 'Send it only if it changed since then.'],
  ['if-none-match', 'Send it only if it is no longer the version with this ETag.'],
  ['keep-alive', 'How long the connection stays open for the next request.'],
  ['location', 'Where to go instead; in the answer 201, where the new thing is.'],
  ['origin', 'The site whose page sent this.'],
  ['range', 'Asks for a part of the whole.'],
  ['referer', 'The page the visitor came from.'],
  ['referrer-policy', 'How much of this page’s address later requests tell.'],
  [
    'sec-websocket-accept',
    'Computed from the key that was sent: proof that the server speaks WebSocket. No secret.',
  ],
  [
    'sec-websocket-extensions',
    'Additions to WebSocket; with permessage-deflate, messages may be compressed.',
  ],
  ['sec-websocket-key', 'Random, and no key in spite of its name: the server must answer to it.'],
  ['sec-websocket-protocol', 'What the messages are to be written in.'],
  ['sec-websocket-version', '13 is the only one in use.'],
  ['server', 'What software the site says it runs.'],
  ['set-cookie', 'The site hands out what it will recognise this browser by.'],
  [
    'strict-transport-security',
    'For max-age seconds only HTTPS with this site; ignored when it comes over HTTP, where a stranger could have written it.',
  ],
  ['trailer', 'Names the fields that follow behind the last chunk.'],
  ['transfer-encoding', 'How the body is cut for the way: chunked, when its length is not known beforehand.'],
  ['upgrade', 'The protocol to go on with on this connection.'],
  ['upgrade-insecure-requests', 'The browser would rather have the page over HTTPS.'],
  ['user-agent', 'What browser and system this says it is.'],
  ['vary', 'The answer would differ with these fields of the request.'],
  ['x-content-type-options', 'The browser must believe Content-Type rather than guess.'],
  ['x-forwarded-for', 'The address of the client, as a proxy on the way tells it, or anybody else.'],
  ['x-frame-options', 'Whether other pages may show this one inside them.'],
]);

export function headerMeaning(lowerCaseName: string): string | undefined {
  return MEANINGS.get(lowerCaseName);
}

/** What the attributes of a cookie mean (RFC 6265, 4.1.2), by lower-case name. */
const COOKIE_ATTRIBUTES: ReadonlyMap<string, string> = new Map([
  ['domain', 'Goes to this host and to all below it.'],
  ['expires', 'Forgotten after this moment; without this and Max-Age, when the browser closes.'],
  ['httponly', 'Scripts of the page cannot read it; over plain HTTP a stranger on the wire can.'],
  ['max-age', 'Forgotten after so many seconds.'],
  ['partitioned', 'Kept apart for each site that embeds this one.'],
  ['path', 'Goes along with requests for paths below this one.'],
  ['samesite', 'Whether it goes along with requests that other sites cause.'],
  ['secure', 'Sent over HTTPS only; some browsers make an exception for localhost.'],
]);

export function cookieAttributeMeaning(lowerCaseName: string): string | undefined {
  return COOKIE_ATTRIBUTES.get(lowerCaseName);
}
