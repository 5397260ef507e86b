/** One character read from bytes; `point` is absent when the byte at that place is not UTF-8. */
export interface ReadCharacter {
  readonly length: number;
  readonly point?: number;
}

/** Reads the UTF-8 character at `at`, strictly (RFC 3629): overlong forms and surrogates are single bad bytes. */
export function readCharacter(bytes: Uint8Array, at: number): ReadCharacter {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return { length: 1, point: first };
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + length > bytes.length) return { length: 1 };
  let point = first & (0x7f >> length);
  for (let index = 1; index < length; index += 1) {
    const next = bytes[at + index] ?? 0;
    if ((next & 0xc0) !== 0x80) return { length: 1 };
    point = (point << 6) | (next & 0x3f);
  }
  const smallest = length === 4 ? 0x10000 : length === 3 ? 0x800 : 0x80;
  const isSurrogate = point >= 0xd800 && point <= 0xdfff;
  return point < smallest || point > 0x10ffff || isSurrogate ? { length: 1 } : { length, point };
}

// Controls, format characters (bidi overrides, zero-width), line and paragraph separators, private use and
// unassigned: whatever draws nothing, draws elsewhere or draws differently on another machine.
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/u;

/** The visible code of a character that would not show itself (`\x07`, `\t`, `U+202E`), or undefined. */
export function visibleCode(point: number): string | undefined {
  if (point >= 0x20 && point < 0x7f) return undefined;
  if (point === 0x09) return '\\t';
  if (point === 0x0a) return '\\n';
  if (point === 0x0d) return '\\r';
  if (point < 0x20 || point === 0x7f) return byteCode(point);
  if (!unseen.test(String.fromCodePoint(point))) return undefined;
  return `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** `\xff`: a byte that is no character. */
export function byteCode(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** A one-line text from the wire, safe to set among other text: nothing in it can hide, move or reorder. */
export function visibleText(text: string): string {
  let shown = '';
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    const isLoneSurrogate = point >= 0xd800 && point <= 0xdfff;
    shown += isLoneSurrogate ? `U+${point.toString(16).toUpperCase()}` : (visibleCode(point) ?? character);
  }
  return shown;
}
