import type { ByteReader } from '../byte-reader.ts';
import { latin1 } from '../text.ts';

const MOST_PARTS = 200;
const MOST_HEADERS = 50;
const LONGEST_VALUE = 4096;

/** A form with files, or any other multipart body (RFC 7578; RFC 2046, 5.1.1), part by part. */
export function readMultipart(reader: ByteReader, boundary: string): void {
  const delimiter = `--${boundary}`;
  const preamble = findText(reader.ahead(), delimiter);
  if (preamble === -1) reader.fail('The boundary that Content-Type names does not occur.');
  reader.opaque(preamble, 'mime_multipart.preamble', 'Preamble');
  let name = 'mime_multipart.first_boundary';
  for (let count = 0; reader.remaining > 0; count++) {
    if (readBoundary(reader, delimiter.length, name)) break;
    if (count === MOST_PARTS) reader.fail(`More than ${MOST_PARTS} parts; the rest is not taken apart.`);
    const next = findText(reader.ahead(), `\r\n${delimiter}`);
    readPart(reader, next === -1 ? reader.remaining : next);
    if (next === -1) reader.malformed(0, 'The last boundary is missing.');
    name = 'mime_multipart.boundary';
  }
  reader.opaque(reader.remaining, 'mime_multipart.trailer', 'Behind the last boundary');
}

/** Returns whether it is the last; the line end before a boundary belongs to it. */
function readBoundary(reader: ByteReader, length: number, name: string): boolean {
  let size = (reader.peek() === 13 ? 2 : 0) + length;
  const isLast = reader.peek(size) === 0x2d && reader.peek(size + 1) === 0x2d;
  const feed = reader.find(10, size + 100);
  const feedBehind =
    feed !== -1 && feed >= size ? feed : latin1(reader.ahead(size + 100)).indexOf('\n', size);
  if (isLast) size += 2;
  else size = feedBehind === -1 ? reader.remaining : feedBehind + 1;
  reader.opaque(Math.min(size, reader.remaining), isLast ? 'mime_multipart.last_boundary' : name, 'Boundary');
  return isLast;
}

function readPart(reader: ByteReader, length: number): void {
  reader.block(length, 'mime_multipart.part', 'Part', () => {
    let named = 'Value';
    for (let count = 0; count < MOST_HEADERS && reader.remaining > 0; count++) {
      const feed = reader.find(10);
      const size = feed === -1 ? reader.remaining : feed + 1;
      const line = latin1(reader.ahead(size)).trim();
      if (line === '') {
        reader.opaque(size, 'plainsight.multipart.head_end', 'Empty line');
        break;
      }
      const header = /^([\w-]{1,40}):\s*(.*)$/.exec(line);
      const name = header?.[1]?.toLowerCase() ?? '';
      if (name === 'content-disposition') named = /[ ;]name="([^"]*)"/.exec(line)?.[1] ?? named;
      const field = isKnown(name) ? `mime_multipart.header.${name}` : 'plainsight.multipart.header';
      reader.decoded(size, field, header?.[1] ?? 'Header', header?.[2] ?? line);
    }
    if (reader.remaining > LONGEST_VALUE)
      reader.opaque(reader.remaining, 'plainsight.multipart.value', named);
    else if (reader.remaining > 0) {
      const value = reader.text(reader.remaining, 'plainsight.multipart.value', named);
      reader.describe({ value });
    }
    reader.describe({ label: named });
  });
}

function isKnown(name: string): boolean {
  return ['content-disposition', 'content-type', 'content-length', 'content-transfer-encoding'].includes(
    name,
  );
}

function findText(bytes: Uint8Array, text: string): number {
  const first = text.charCodeAt(0);
  for (let at = bytes.indexOf(first); at !== -1; at = bytes.indexOf(first, at + 1)) {
    let matched = 1;
    while (matched < text.length && bytes[at + matched] === text.charCodeAt(matched)) matched++;
    if (matched === text.length) return at;
  }
  return -1;
}
