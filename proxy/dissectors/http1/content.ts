import { dissectBytes } from '../byte-reader.ts';
import { fromBase64 } from '../content/base64.ts';
import { undoCodings } from '../content/coding.ts';
import { type ContentType, contentReader, parseContentType } from '../content/typed.ts';
import { explainDns } from '../dns/explain.ts';
import type { Dissection, Field } from '../field.ts';
import { latin1 } from '../text.ts';
import { decodeFormText } from './form.ts';
import { findHeadEnd } from './head.ts';
import { joinChunks } from './joined-chunks.ts';
import { type BodyHead, remember } from './lines.ts';

// What a bomb unpacks to beyond this is not looked at.
const LONGEST_DECODED = 1024 * 1024;
const DNS_MESSAGE = 'application/dns-message';

/**
 * What an HTTP/1.1 message carries, where that is not what travels: a body put together from its chunks, with its
 * codings undone, or a DNS query (RFC 8484). At most 1 MiB of it; `partial` says that bytes may be missing at the
 * end. Empty where the bytes on the wire are all there is to see.
 */
export function explainContent(bytes: Uint8Array, partial = false): readonly Dissection[] {
  const headLength = findHeadEnd(bytes, leadingLength(bytes));
  if (headLength === -1) return [];
  const head = latin1(bytes, 0, headLength);
  const query = dnsQueryInTarget(head);
  const body =
    headLength < bytes.length ? explainBody(bytes.subarray(headLength), bodyHead(head), partial) : undefined;
  return [query, body].filter((dissection) => dissection !== undefined);
}

function explainBody(body: Uint8Array, head: BodyHead, partial: boolean): Dissection | undefined {
  const chunks = head.chunked ? joinChunks(body, LONGEST_DECODED) : undefined;
  const sent = chunks?.bytes ?? body;
  const missing = partial || (chunks ? !chunks.whole : body.length < (head.contentLength ?? 0));
  const codings = [...codingNames(head.contentEncoding), ...codingNames(head.transferEncoding)];
  const coded = undoCodings(
    sent,
    codings.filter((name) => name !== 'chunked'),
    LONGEST_DECODED,
  );
  const type = parseContentType(head.contentTypeLine ?? '');
  const isJoined = (chunks?.count ?? 0) > 1;
  if (!isJoined && coded.undone.length === 0 && type.type !== DNS_MESSAGE) return undefined;
  const parts = [
    ...(isJoined ? [`put together from ${chunks?.count} chunks`] : []),
    ...coded.undone.map((name) => `${name} undone`),
  ];
  const truncated = coded.truncated || (chunks?.truncated ?? false);
  const state = { missing, truncated, ...(coded.problem === undefined ? {} : { problem: coded.problem }) };
  return {
    source: 'decoded',
    title: ['Body', ...(parts.length > 0 ? parts : ['a DNS message'])].join(', '),
    bytes: coded.bytes,
    field: explainDecoded(coded.bytes, type, state),
  };
}

interface DecodedState {
  /** More is to come, or was never sent. */
  readonly missing: boolean;
  readonly truncated: boolean;
  readonly problem?: string;
}

function explainDecoded(
  bytes: Uint8Array,
  type: ContentType,
  { missing, truncated, problem }: DecodedState,
): Field {
  const isWhole = !missing && !truncated && problem === undefined;
  if (isWhole && type.type === DNS_MESSAGE) return explainDns(bytes);
  return dissectBytes(bytes, 'http.file_data', 'Body', (reader) => {
    const notes = [`${bytes.length} bytes`, type.type || 'no type given'];
    if (truncated) notes.push(`truncated: what is beyond ${LONGEST_DECODED} bytes is not shown`);
    else if (missing) notes.push('as far as it came');
    reader.describe({ meaning: notes.join(', ') });
    // What stops because more is to come is not broken.
    if (problem !== undefined && !(missing && bytes.length > 0)) reader.malformed(0, problem);
    if (isWhole) contentReader(type, bytes.length)?.(reader);
    else if (type.type.startsWith('text/')) contentReader(type, bytes.length)?.(reader);
  });
}

/** `GET /dns-query?dns=…`: the query in base64url (RFC 8484, 4.1). */
function dnsQueryInTarget(head: string): Dissection | undefined {
  const match = /^\s*GET [^ ?]*\?(?:[^ ]*&)?dns=([\w%=-]{16,2000})[ &]/.exec(head);
  if (!match?.[1]) return undefined;
  const text = decodeFormText(Uint8Array.from(match[1], (character) => character.charCodeAt(0)));
  const bytes = fromBase64(text);
  if (!bytes || bytes.length < 12) return undefined;
  return {
    source: 'decoded',
    title: 'DNS query in the target, base64url undone',
    bytes,
    field: explainDns(bytes),
  };
}

function bodyHead(head: string): BodyHead {
  const found: BodyHead = {};
  for (const line of head.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) remember(found, line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return found;
}

function codingNames(value: string | undefined): readonly string[] {
  const names = (value ?? '').split(',').map((name) => name.trim().toLowerCase());
  return names.filter((name) => name !== '');
}

function leadingLength(bytes: Uint8Array): number {
  let at = 0;
  while (bytes[at] === 10 || bytes[at] === 13) at++;
  return at;
}
