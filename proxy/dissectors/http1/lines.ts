import type { ByteReader } from '../byte-reader.ts';
import { latin1 } from '../text.ts';
import { readCookies, readSetCookie } from './cookie.ts';
import { headerFilterName, headerMeaning } from './header-names.ts';

/** What the head says about the body, gathered while it is read. */
export interface BodyHead {
  contentType?: string;
  contentEncoding?: string;
  contentLength?: number;
  chunked?: boolean;
}

/** Adds the rest of a line's end; the line itself has been read. */
export function readLineEnd(reader: ByteReader): void {
  const size = reader.peek() === 13 ? 2 : 1;
  if (reader.remaining >= size) reader.opaque(size, 'plainsight.line_end', 'Line end');
}

/** Length of the text before the next line end; all that is left when there is none. */
export function lineLength(reader: ByteReader): number {
  const feed = reader.find(10);
  if (feed === -1) return reader.remaining;
  return feed > 0 && reader.peek(feed - 1) === 13 ? feed - 1 : feed;
}

/** One header line, also used for trailers (RFC 9112, 5). */
export function readHeader(reader: ByteReader, kind: 'request' | 'response', head: BodyHead): void {
  reader.group(`http.${kind}.line`, 'Header', () => {
    const length = lineLength(reader);
    const colon = reader.find(58, length);
    if (colon === -1) {
      reader.malformed(length, 'A header line without a colon.', 'http.bad_header_name', 'Header');
      readLineEnd(reader);
      return;
    }
    const name = reader.text(colon, 'plainsight.http.header_name', 'Name');
    let padding = 1;
    while (colon + padding < length && isBlank(reader.peek(padding))) padding++;
    reader.opaque(padding, 'plainsight.separator', 'Separator');
    const valueLength = length - colon - padding;
    const value = latin1(reader.ahead(valueLength));
    readHeaderValue(reader, name, valueLength);
    readLineEnd(reader);
    reader.describe({ label: name, value });
    remember(head, name.toLowerCase(), value);
  });
}

function readHeaderValue(reader: ByteReader, name: string, length: number): void {
  const lower = name.toLowerCase();
  const filterName = headerFilterName(lower);
  if (lower === 'cookie') reader.block(length, filterName, name, () => readCookies(reader));
  else if (lower === 'set-cookie') reader.block(length, filterName, name, () => readSetCookie(reader));
  else reader.text(length, filterName, name, headerMeaning(lower));
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09;
}

function remember(head: BodyHead, name: string, value: string): void {
  if (name === 'content-type') head.contentType = value.split(';')[0]?.trim().toLowerCase() ?? '';
  else if (name === 'content-encoding') head.contentEncoding = value.trim().toLowerCase();
  else if (name === 'transfer-encoding') head.chunked = /(^|,)\s*chunked\s*$/i.test(value);
  else if (name === 'content-length') head.contentLength = Number(value);
}
