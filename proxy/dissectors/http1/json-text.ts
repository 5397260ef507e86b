import type { ByteReader } from '../byte-reader.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** White space between the parts of JSON (RFC 8259, 2). */
export function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** The first byte that is no white space. */
export function afterSpace(bytes: Uint8Array): number | undefined {
  let at = 0;
  while (isSpace(bytes[at])) at++;
  return bytes[at];
}

/** Length of the text between the quote ahead and the one that closes it. */
export function stringLength(reader: ByteReader): number | undefined {
  for (let at = 1; at < reader.remaining; at++) {
    const byte = reader.peek(at);
    if (byte === QUOTE) return at - 1;
    if (byte === BACKSLASH) at++;
  }
  return undefined;
}

/** The text without its escapes; undefined when one of them is none (RFC 8259, 7). */
export function decodeString(text: string): string | undefined {
  // Most texts have neither escapes nor control characters, and are what they look like.
  if (!/[\\\p{Cc}]/u.test(text)) return text;
  try {
    const value: unknown = JSON.parse(`"${text}"`);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The number, `true`, `false` or `null` this begins with, under Wireshark's name for its kind. */
export function literalAt(ahead: string): { readonly text: string; readonly name: string } | undefined {
  const match = /^(true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/.exec(ahead);
  const text = match?.[1];
  if (text === undefined) return undefined;
  return { text, name: `json.value.${/^[tfn]/.test(text) ? text : 'number'}` };
}
