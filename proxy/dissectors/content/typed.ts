import type { ByteReader } from '../byte-reader.ts';
import { readForm } from '../http1/form.ts';
import { readJson } from '../http1/json.ts';
import { readMultipart } from './multipart.ts';

// A tree of more is nothing anybody reads, and a page's data can be megabytes.
const LONGEST_STRUCTURED = 256 * 1024;
// As a value in a tree; longer text is read in the dump.
const LONGEST_TEXT = 4096;

/** What Content-Type says (RFC 9110, 8.3). */
export interface ContentType {
  /** Lower case, without parameters. */
  readonly type: string;
  /** Of multipart bodies. */
  readonly boundary?: string;
}

export function parseContentType(value: string): ContentType {
  const semicolon = value.indexOf(';');
  if (semicolon === -1) return { type: value.trim().toLowerCase() };
  const type = value.slice(0, semicolon).trim().toLowerCase();
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(value);
  const boundary = match?.[1] ?? match?.[2];
  return boundary === undefined ? { type } : { type, boundary };
}

/** How a whole body of this type and length is taken apart; undefined when it is shown as it is. */
export function contentReader(
  { type, boundary }: ContentType,
  length: number,
): ((reader: ByteReader) => void) | undefined {
  if (length === 0 || length > LONGEST_STRUCTURED) return undefined;
  if (/^application\/(.*\+)?json$/.test(type)) return readJson;
  if (type === 'application/x-www-form-urlencoded') return (reader) => readForm(reader);
  if (type.startsWith('multipart/') && boundary !== undefined)
    return (reader) => {
      readMultipart(reader, boundary);
    };
  if (type.startsWith('text/') && length <= LONGEST_TEXT)
    return (reader) => reader.text(reader.remaining, 'data-text-lines', 'Text');
  return undefined;
}
