import type { ByteReader } from '../byte-reader.ts';
import { readCookies, readSetCookie } from './cookie.ts';
import { readBasic } from './basic.ts';
import { type HeaderKind, headerKind } from './header-names.ts';

/** What the head says about the body, gathered while it is read. */
export interface BodyHead {
  /** Lower case, without parameters. */
  contentType?: string;
  /** As sent, with its parameters. */
  contentTypeLine?: string;
  contentEncoding?: string;
  contentLength?: number;
  transferEncoding?: string;
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

/** One header line of a message, or one of its trailer behind the last chunk (RFC 9112, 5 and 7.1.2). */
export function readHeader(
  reader: ByteReader,
  kind: 'request' | 'response' | 'trailer',
  head: BodyHead,
): void {
  const isTrailer = kind === 'trailer';
  reader.group(
    isTrailer ? 'http.chunked_trailer_part' : `http.${kind}.line`,
    isTrailer ? 'Trailer' : 'Header',
    () => {
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
      const value = reader.textAhead(valueLength);
      const header = headerKind(name);
      readHeaderValue(reader, name, header, valueLength);
      readLineEnd(reader);
      reader.describe({ label: name, value });
      remember(head, header.lowerCaseName, value);
    },
  );
}

function readHeaderValue(reader: ByteReader, name: string, header: HeaderKind, length: number): void {
  const { lowerCaseName: lower, filterName } = header;
  if (lower === 'cookie') reader.block(length, filterName, name, () => readCookies(reader));
  else if (lower === 'set-cookie') reader.block(length, filterName, name, () => readSetCookie(reader));
  else if (lower === 'authorization' && isBasic(reader))
    reader.block(length, filterName, name, () => readBasic(reader));
  else reader.text(length, filterName, name, header.meaning);
}

function isBasic(reader: ByteReader): boolean {
  return reader.textAhead(6).toLowerCase() === 'basic ';
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09;
}

/** Keeps what a header line says about the body. */
export function remember(head: BodyHead, name: string, value: string): void {
  if (name === 'content-type') {
    const semicolon = value.indexOf(';');
    head.contentType = (semicolon === -1 ? value : value.slice(0, semicolon)).trim().toLowerCase();
    head.contentTypeLine = value;
  } else if (name === 'content-encoding') head.contentEncoding = value.trim().toLowerCase();
  else if (name === 'transfer-encoding') {
    head.transferEncoding = value;
    head.chunked = /(^|,)\s*chunked\s*$/i.test(value);
  } else if (name === 'content-length') head.contentLength = Number(value);
}
