// Controls, format characters (bidi overrides, zero-width), line and paragraph separators, private use, unassigned
// and lone surrogates: what would move the cursor, colour the terminal or reorder the line it stands in.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}]/gu;
const NAMED: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** Text from the wire as one line that is safe in a terminal; at most `longest` characters of it. */
export function printable(text: string, longest = 160): string {
  const shown = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return shown.replace(HIDDEN, (character) => {
    const point = character.codePointAt(0) ?? 0;
    const code = point < 0x100 ? `\\x${hex(point, 2)}` : `U+${hex(point, 4).toUpperCase()}`;
    return NAMED[character] ?? code;
  });
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
