import type { ByteReader } from '../byte-reader.ts';
import { utf8 } from '../text.ts';
import { hexDigit } from './chunked.ts';

const MOST_PAIRS = 1000;
const AMPERSAND = 0x26;
const EQUALS = 0x3d;

/** What the parts are called; Wireshark takes a form apart further than a query. */
export interface PairNames {
  readonly pair: string;
  readonly key: string;
  readonly value: string;
}

export const QUERY_NAMES: PairNames = {
  pair: 'http.request.uri.query.parameter',
  key: 'plainsight.http.query_name',
  value: 'plainsight.http.query_value',
};

const FORM_NAMES: PairNames = {
  pair: 'urlencoded-form',
  key: 'urlencoded-form.key',
  value: 'urlencoded-form.value',
};

/**
 * Pairs as browsers send forms and queries, `name=value&name=value` (WHATWG URL, application/x-www-form-urlencoded).
 * Each pair carries its decoded value, so does each value.
 */
export function readForm(reader: ByteReader, names: PairNames = FORM_NAMES): void {
  for (let count = 0; reader.remaining > 0; count++) {
    if (count === MOST_PAIRS) {
      reader.opaque(
        reader.remaining,
        'plainsight.form.rest',
        'More pairs',
        `only the first ${MOST_PAIRS} are taken apart`,
      );
      return;
    }
    const ampersand = reader.find(AMPERSAND);
    const length = ampersand === -1 ? reader.remaining : ampersand;
    if (length > 0) readPair(reader, length, names);
    if (reader.remaining > 0) reader.opaque(1, 'plainsight.separator', 'Separator');
  }
}

function readPair(reader: ByteReader, length: number, names: PairNames): void {
  reader.block(length, names.pair, 'Pair', () => {
    const equals = reader.find(EQUALS);
    const key = readDecoded(reader, equals === -1 ? length : equals, names.key, 'Name');
    if (equals === -1) return;
    reader.opaque(1, 'plainsight.separator', 'Separator');
    const value = readDecoded(reader, reader.remaining, names.value, key);
    reader.describe({ label: key, value });
  });
}

function readDecoded(reader: ByteReader, length: number, name: string, label: string): string {
  const value = decodeFormText(reader.ahead(length));
  reader.decoded(length, name, label, value);
  return value;
}

/** Percent-encoding and `+` undone; a percent sign that encodes nothing stays, as browsers read it. */
export function decodeFormText(bytes: Uint8Array): string {
  const decoded = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    const high = byte === 0x25 ? hexDigit(bytes[at + 1] ?? 0) : -1;
    const low = high === -1 ? -1 : hexDigit(bytes[at + 2] ?? 0);
    if (low !== -1) at += 2;
    decoded[length++] = low !== -1 ? high * 16 + low : byte === 0x2b ? 0x20 : byte;
  }
  return utf8(decoded.subarray(0, length));
}
