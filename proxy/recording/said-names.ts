import type { BytesCaptured, ConnectionId, LogEvent } from '#contract';
import { ConnectionDissector } from '#dissectors/connection.ts';
import { latin1 } from '#dissectors/text.ts';

// A ClientHello with a post-quantum key share is 2 KB, a request's head with its cookies a little more.
const mostBytes = 16 * 1024;

// A few milliseconds of work.
const connectionsBetweenPauses = 256;

const requestLine = /^[!-~]+ [!-~]+ HTTP\/1\.[01]\r?\n/;
const hostField = /\nHost:[ \t]*([^\s:]+)(?::\d+)?[ \t]*\r?\n/i;
/** As a host is called (RFC 1123, 2.1), and no address: those are known without. */
const hostName = /^(?=.{1,253}$)(?:[a-z0-9_-]{1,63}\.)*[a-z_-][a-z0-9_-]{0,62}\.?$/i;

/**
 * The site that each client asked for in its own first words: the server name in the ClientHello (RFC 6066, 3), else
 * the Host of the first request (RFC 9112, 3.2). In lower case; nothing where it said none. Pauses now and then.
 */
export function* saidNames(
  events: readonly LogEvent[],
): Generator<undefined, ReadonlyMap<ConnectionId, string>> {
  const names = new Map<ConnectionId, string>();
  let count = 0;
  for (const [connection, chunks] of firstWords(events)) {
    const name = serverName(chunks) ?? requestedHost(chunks);
    if (name !== undefined && hostName.test(name))
      names.set(connection, name.toLowerCase().replace(/\.$/, ''));
    count += 1;
    if (count % connectionsBetweenPauses === 0) yield;
  }
  return names;
}

/** What each client sent first, as far as it is there from the beginning and without a gap. */
function firstWords(events: readonly LogEvent[]): ReadonlyMap<ConnectionId, readonly BytesCaptured[]> {
  const words = new Map<ConnectionId, BytesCaptured[]>();
  for (const event of events) {
    if (event.type !== 'bytes-captured' || event.direction !== 'client-to-server') continue;
    const chunks = words.get(event.connection) ?? [];
    const last = chunks.at(-1);
    const end = last ? last.offset + last.bytes.length : 0;
    if (event.offset !== end || end >= mostBytes) continue;
    chunks.push(event);
    words.set(event.connection, chunks);
  }
  return words;
}

function serverName(chunks: readonly BytesCaptured[]): string | undefined {
  const dissector = new ConnectionDissector();
  for (const { direction, offset, bytes, time } of chunks) {
    const part = bytes.subarray(0, Math.max(0, mostBytes - offset));
    for (const { protocol, tls } of dissector.push(direction, offset, part, time)) {
      if (protocol !== 'tls') return undefined;
      if (tls?.serverName !== undefined) return tls.serverName;
    }
  }
  return undefined;
}

function requestedHost(chunks: readonly BytesCaptured[]): string | undefined {
  let text = '';
  for (const { bytes } of chunks) text += latin1(bytes.subarray(0, mostBytes - text.length));
  if (!requestLine.test(text)) return undefined;
  const end = text.search(/\r?\n\r?\n/);
  return end === -1 ? undefined : hostField.exec(`${text.slice(0, end)}\n`)?.[1];
}
