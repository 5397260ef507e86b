const grouped = new Intl.NumberFormat('en');
const rounded = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

const MOST_EXACT = 10_000_000;

/** `14`, `1,964`: a count with its thousands set apart. */
export function count(value: number): string {
  return grouped.format(value);
}

/** `1,964 B`: exact up to ten million bytes, because one byte more or less is part of the lesson; then `12.3 MB`. */
export function byteCount(bytes: number): string {
  return bytes < MOST_EXACT ? `${grouped.format(bytes)} B` : `${rounded.format(bytes / 1_000_000)} MB`;
}

/** The same where there is room for the word: `1 byte`, `1,964 bytes`. */
export function byteWords(bytes: number): string {
  return bytes < MOST_EXACT ? counted(bytes, 'byte') : byteCount(bytes);
}

/** `1 request`, `2 requests`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${grouped.format(value)} ${value === 1 ? one : many}`;
}
