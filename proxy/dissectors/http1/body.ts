import type { ByteReader } from '../byte-reader.ts';
import { contentReader, parseContentType } from '../content/typed.ts';
import { ChunkedCounter } from './chunked.ts';
import { type BodyHead, lineLength, readHeader, readLineEnd } from './lines.ts';

const MOST_CHUNKS = 1000;

/** All that is left of the message: its body, chunked or not. */
export function readBody(reader: ByteReader, head: BodyHead, partial: boolean): void {
  if (head.chunked) readChunks(reader, head, partial);
  else {
    const cutShort = head.contentLength !== undefined && reader.remaining < head.contentLength;
    readContent(reader, reader.remaining, head, !cutShort);
    if (cutShort && !partial) {
      reader.describe({
        meaning: `The body stops before the ${head.contentLength} bytes that Content-Length says.`,
      });
    }
  }
}

function readContent(reader: ByteReader, length: number, head: BodyHead, whole: boolean): void {
  const about = describeContent(head, length);
  const type = parseContentType(head.contentTypeLine ?? '');
  const read = whole && isPlain(head.contentEncoding) ? contentReader(type, length) : undefined;
  if (read) {
    reader.block(length, 'http.file_data', 'Body', () => {
      reader.describe({ meaning: about });
      read(reader);
    });
  } else {
    // Wireshark's name is for what is left when the coding is undone.
    const name = isPlain(head.contentEncoding) ? 'http.file_data' : 'plainsight.http.encoded_body';
    reader.opaque(length, name, 'Body', about);
  }
}

/** RFC 9112, 7.1. The content is taken apart when it lies in one chunk; in several, it is not in one piece. */
function readChunks(reader: ByteReader, head: BodyHead, partial: boolean): void {
  const single = hasSingleChunk(reader);
  for (let count = 0; reader.remaining > 0; count++) {
    if (count === MOST_CHUNKS) {
      reader.opaque(
        reader.remaining,
        'http.file_data',
        'More chunks',
        `only the first ${MOST_CHUNKS} are taken apart`,
      );
      return;
    }
    if (readChunk(reader, head, single, partial) === 0) break;
  }
  while (reader.remaining > 0) {
    if (lineLength(reader) === 0) {
      readLineEnd(reader);
      return;
    }
    readHeader(reader, 'trailer', {});
  }
}

function readChunk(reader: ByteReader, head: BodyHead, single: boolean, partial: boolean): number {
  let size = 0;
  reader.group('plainsight.http.chunk', 'Chunk', () => {
    const length = lineLength(reader);
    const line = reader.textAhead(Math.min(length, 64));
    const digits = /^[0-9a-fA-F]{1,12}/.exec(line)?.[0];
    if (digits === undefined) reader.fail('A chunk without a size.');
    size = Number.parseInt(digits, 16);
    reader.decoded(digits.length, 'http.chunk_size', 'Chunk size', size, `${size} bytes follow`);
    reader.opaque(length - digits.length, 'plainsight.http.chunk_extension', 'Chunk extension');
    readLineEnd(reader);
    if (size === 0) {
      reader.describe({ label: 'Last chunk' });
      return;
    }
    const here = Math.min(size, reader.remaining);
    if (single && here === size) readContent(reader, size, head, true);
    else reader.opaque(here, 'http.chunk_data', 'Chunk data', describeContent(head, here));
    if (here < size && !partial) reader.fail(`Says ${size} bytes, ${here} are here.`);
    if (reader.remaining > 0)
      reader.opaque(
        Math.min(reader.remaining, reader.peek() === 13 ? 2 : 1),
        'http.chunk_boundary',
        'Line end',
      );
  });
  return size;
}

/** Whether the chunk ahead is followed by the last one, which is empty. */
function hasSingleChunk(reader: ByteReader): boolean {
  const first = new ChunkedCounter();
  const behind = first.push(reader.ahead(reader.find(10) + 1), 0) + first.dataLeft;
  const feed = reader.peek(behind) === 13 ? behind + 1 : behind;
  if (first.dataLeft === 0 || reader.peek(feed) !== 10 || reader.peek(feed + 1) !== 0x30) return false;
  const next = reader.peek(feed + 2);
  return next === 13 || next === 10 || next === 0x3b;
}

function describeContent(head: BodyHead, length: number): string {
  const type = head.contentType ?? 'no type given';
  const encoding = isPlain(head.contentEncoding) ? '' : `, compressed with ${head.contentEncoding}`;
  return `${length} bytes, ${type}${encoding}`;
}

function isPlain(contentEncoding: string | undefined): boolean {
  return contentEncoding === undefined || contentEncoding === '' || contentEncoding === 'identity';
}
