import { utf8 } from '../text.ts';

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

/** Length of the text between the quote these bytes begin with and the one that closes it. */
export function stringLength(bytes: Uint8Array): number | undefined {
  for (let at = 1; at < bytes.length; at++) {
    if (bytes[at] === QUOTE) return at - 1;
    if (bytes[at] === BACKSLASH) at++;
  }
  return undefined;
}

/** The text without its escapes; undefined when one of them is none (RFC 8259, 7). */
export function decodeString(bytes: Uint8Array): string | undefined {
  const text = utf8(bytes);
  // Most texts have neither escapes nor control characters, and are what they look like.
  if (!/[\\\p{Cc}]/u.test(text)) return text;
  try {
    const value: unknown = JSON.parse(`"${text}"`);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The number, `true`, `false` or `null` these bytes begin with, under Wireshark's name for its kind. */
export function literalAt(bytes: Uint8Array): { readonly text: string; readonly name: string } | undefined {
  const match = /^(true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/.exec(utf8(bytes));
  const text = match?.[1];
  if (text === undefined) return undefined;
  return { text, name: `json.value.${/^[tfn]/.test(text) ? text : 'number'}` };
}
