import type { ByteReader } from '../byte-reader.ts';
import { cookieAttributeMeaning } from './header-meanings.ts';

// RFC 6265, 6.1 asks for at least 50 a domain; a bound keeps a hostile header cheap.
const MOST_PAIRS = 500;

/** A Cookie header's value: `name=value; name=value` (RFC 6265, 4.2.1). */
export function readCookies(reader: ByteReader): void {
  for (let count = 0; reader.remaining > 0; count++) {
    if (count === MOST_PAIRS) reader.fail(`More than ${MOST_PAIRS} cookies.`);
    readPair(reader, 'http.cookie_pair');
    readSeparator(reader);
  }
}

/** A Set-Cookie header's value: a pair, then attributes (RFC 6265, 4.1.1). */
export function readSetCookie(reader: ByteReader): void {
  readPair(reader, 'plainsight.http.set_cookie_pair');
  readSeparator(reader);
  for (let count = 0; reader.remaining > 0; count++) {
    if (count === MOST_PAIRS) reader.fail(`More than ${MOST_PAIRS} attributes.`);
    readAttribute(reader);
    readSeparator(reader);
  }
}

function readAttribute(reader: ByteReader): void {
  const length = partLength(reader);
  const name = reader.textAhead(length).split('=', 1)[0]?.trim() ?? '';
  const meaning = cookieAttributeMeaning(name.toLowerCase());
  reader.text(length, 'plainsight.http.cookie_attribute', name || 'Attribute', meaning);
}

function readPair(reader: ByteReader, name: string): void {
  const length = partLength(reader);
  reader.group(name, 'Cookie', () => {
    const equals = reader.find(0x3d, length);
    if (equals === -1) {
      reader.text(length, 'plainsight.http.cookie_value', 'Value');
      return;
    }
    const key = reader.text(equals, 'plainsight.http.cookie_name', 'Name');
    reader.opaque(1, 'plainsight.separator', 'Separator');
    const value = reader.text(length - equals - 1, 'plainsight.http.cookie_value', 'Value');
    reader.describe({ label: key, value: `${key}=${value}` });
  });
}

function readSeparator(reader: ByteReader): void {
  if (reader.remaining === 0) return;
  let size = 1;
  while (reader.peek(size) === 0x20) size++;
  reader.opaque(size, 'plainsight.separator', 'Separator');
}

function partLength(reader: ByteReader): number {
  const semicolon = reader.find(0x3b);
  return semicolon === -1 ? reader.remaining : semicolon;
}
