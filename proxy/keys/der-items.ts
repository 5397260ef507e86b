/** One value of DER: its tag's byte and its content. */
export interface DerItem {
  readonly tag: number;
  readonly content: Uint8Array;
}

export const DER_INTEGER = 0x02;
export const DER_BIT_STRING = 0x03;
export const DER_OCTET_STRING = 0x04;
export const DER_OBJECT_IDENTIFIER = 0x06;
export const DER_SEQUENCE = 0x30;

// A length of more bytes than this is longer than any file that is read.
const MOST_LENGTH_BYTES = 4;

/** The values that lie one after the other in these bytes (X.690, 8.1); undefined when they are no DER. */
export function derItems(bytes: Uint8Array): readonly DerItem[] | undefined {
  const items: DerItem[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at] ?? 0;
    const first = bytes[at + 1];
    if (first === undefined || (tag & 0x1f) === 0x1f) return undefined;
    const more = first < 0x80 ? 0 : first & 0x7f;
    if (first === 0x80 || more > MOST_LENGTH_BYTES) return undefined;
    const start = at + 2 + more;
    const length =
      more === 0 ? first : bytes.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0);
    if (start + length > bytes.length) return undefined;
    items.push({ tag, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return items;
}

/** What is in the one sequence that these bytes are; undefined when they are not. */
export function derSequence(bytes: Uint8Array): readonly DerItem[] | undefined {
  const [only, ...more] = derItems(bytes) ?? [];
  return only?.tag === DER_SEQUENCE && more.length === 0 ? derItems(only.content) : undefined;
}
