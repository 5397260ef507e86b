import { type ByteReader, dissectBytes } from '../byte-reader.ts';
import type { Field } from '../field.ts';
import { readBody } from './body.ts';
import { QUERY_NAMES, readForm } from './form.ts';
import { type BodyHead, lineLength, readHeader, readLineEnd } from './lines.ts';

// More header lines than any server accepts; each costs a few fields.
const MOST_HEADERS = 1000;

/**
 * Explains the bytes of one HTTP/1.1 message, complete or as far as it came (RFC 9112). `partial` says that
 * bytes may be missing at the end, so a body that stops early is not called malformed.
 */
export function explainHttp(bytes: Uint8Array, kind: 'request' | 'response', partial = false): Field {
  return dissectBytes(bytes, 'http', 'HTTP message', (reader) => {
    const head: BodyHead = {};
    const leading = leadingLineEnds(reader);
    if (leading > 0) reader.opaque(leading, 'http.leading_crlf', 'Empty lines before the message');
    reader.describe({ label: kind === 'response' ? 'HTTP response' : 'HTTP request' });
    if (kind === 'response') readStatusLine(reader);
    else readRequestLine(reader);
    for (let count = 0; !atEmptyLine(reader); count++) {
      if (reader.remaining === 0) return;
      if (count === MOST_HEADERS) reader.fail(`More than ${MOST_HEADERS} header lines.`);
      readHeader(reader, kind, head);
    }
    reader.opaque(reader.find(10) + 1, 'plainsight.http.head_end', 'Empty line', 'The head ends here.');
    if (reader.remaining > 0) readBody(reader, head, partial);
  });
}

function readRequestLine(reader: ByteReader): void {
  reader.group('http.request', 'Request line', () => {
    const length = lineLength(reader);
    const line = reader.textAhead(length);
    const first = line.indexOf(' ');
    const last = line.lastIndexOf(' ');
    if (first <= 0 || last === first) {
      reader.malformed(length, 'Not "method target version".', 'plainsight.malformed', 'Request line');
    } else {
      reader.text(first, 'http.request.method', 'Method');
      reader.opaque(1, 'plainsight.separator', 'Separator');
      readTarget(reader, last - first - 1);
      reader.opaque(1, 'plainsight.separator', 'Separator');
      reader.text(length - last - 1, 'http.request.version', 'Version');
    }
    readLineEnd(reader);
  });
}

function readTarget(reader: ByteReader, length: number): void {
  const query = reader.find(0x3f, length);
  if (query === -1) {
    reader.text(length, 'http.request.uri', 'Target', 'The page or call that is asked for.');
    return;
  }
  const value = reader.textAhead(length);
  reader.block(length, 'http.request.uri', 'Target', () => {
    reader.text(query, 'http.request.uri.path', 'Path');
    reader.opaque(1, 'plainsight.separator', 'Separator');
    if (reader.remaining > 0) {
      reader.block(reader.remaining, 'http.request.uri.query', 'Query', () => readForm(reader, QUERY_NAMES));
    }
    reader.describe({ value });
  });
}

function readStatusLine(reader: ByteReader): void {
  reader.group('http.response', 'Status line', () => {
    const length = lineLength(reader);
    const line = reader.textAhead(length);
    const first = line.indexOf(' ');
    const code = Number(line.slice(first + 1, first + 4));
    if (first === -1 || !(code >= 100 && code <= 999)) {
      reader.malformed(length, 'Not "version code phrase".', 'plainsight.malformed', 'Status line');
    } else {
      reader.text(first, 'http.response.version', 'Version');
      reader.opaque(1, 'plainsight.separator', 'Separator');
      reader.text(3, 'http.response.code', 'Status code', statusClass(code));
      if (length > first + 4) reader.opaque(1, 'plainsight.separator', 'Separator');
      reader.text(Math.max(0, length - first - 5), 'http.response.phrase', 'Reason phrase');
    }
    readLineEnd(reader);
  });
}

/** RFC 9110, 15. */
function statusClass(code: number): string {
  if (code < 200) return 'informational';
  if (code < 300) return 'success';
  if (code < 400) return 'redirection';
  return code < 500 ? 'client error' : 'server error';
}

function leadingLineEnds(reader: ByteReader): number {
  let count = 0;
  while (reader.peek(count) === 13 || reader.peek(count) === 10) count++;
  return count;
}

function atEmptyLine(reader: ByteReader): boolean {
  return reader.peek() === 10 || (reader.peek() === 13 && reader.peek(1) === 10);
}
