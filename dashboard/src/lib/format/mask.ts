import type { Persona } from '#contract';
import type { ByteRange } from '#dissectors/field.ts';

/** Stands for one hidden character. */
export const HIDDEN = '•';

/** Shorter values are hidden where they were found, but not searched for in titles: `a` is in every word. */
const SHORTEST_SEARCHED = 3;

/** The first half of a text, the rest as dots: enough to recognise, not enough to use. */
export function halfMask(text: string): string {
  const characters = Array.from(text);
  const shown = Math.floor(characters.length / 2);
  return characters.slice(0, shown).join('') + HIDDEN.repeat(characters.length - shown);
}

/** The half of a range of bytes that is hidden: the second one, the larger one when they differ. */
export function hiddenHalf(range: ByteRange): ByteRange {
  return { start: range.start + Math.floor((range.end - range.start) / 2), end: range.end };
}

/**
 * The part of a line said in a chat that is hidden, from its beginning: the second half, and more where a number
 * stands before it, since that may be all that is secret in it.
 */
export function chatHidden(said: Uint8Array): ByteRange {
  const digit = said.findIndex((byte) => byte >= 0x30 && byte <= 0x39);
  const half = Math.floor(said.length / 2);
  return { start: digit === -1 ? half : Math.min(half, digit), end: said.length };
}

/** A line said in a chat, hidden in the same way. */
export function chatMask(said: string): string {
  const digit = said.search(/\d/);
  if (digit === -1 || digit >= said.length / 2) return halfMask(said);
  return said.slice(0, digit) + HIDDEN.repeat(Array.from(said.slice(digit)).length);
}

/** Whether a text is one of the persona's invented credentials, plain or encoded, and so may be shown at once. */
export function isPersonas(text: string, persona: Persona | undefined): boolean {
  if (persona === undefined) return false;
  return [persona.mobile, persona.password].some((value) => spellings(value).includes(text));
}

/** Every text that must be half-masked: what was typed and is not the persona's; the longest first. */
export function textsToHide(entered: readonly string[], persona: Persona | undefined): readonly string[] {
  const texts = new Set<string>();
  for (const value of entered) {
    if (value === '' || isPersonas(value, persona)) continue;
    for (const spelling of spellings(value)) texts.add(spelling);
  }
  return [...texts].sort((one, other) => other.length - one.length);
}

/** A text from the wire with everything in it that must be hidden half-masked. */
export function conceal(text: string, hidden: readonly string[]): string {
  let shown = text;
  for (const secret of hidden) {
    if (secret.length >= SHORTEST_SEARCHED) shown = shown.replaceAll(secret, halfMask(secret));
  }
  return shown;
}

/** A value as it may stand on the wire; what is not listed is not taken for the persona's and so is hidden. */
function spellings(value: string): readonly string[] {
  if (value === '') return [];
  const bytes = new TextEncoder().encode(value);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const base64 = btoa(String.fromCharCode(...bytes));
  // Decoded again, because a lone surrogate cannot be URL-encoded.
  const url = encodeURIComponent(new TextDecoder().decode(bytes));
  const escaped = JSON.stringify(value).slice(1, -1);
  return [
    ...[value, escaped, url, url.replaceAll('%20', '+')],
    ...[hex, hex.toUpperCase(), base64, base64.replace(/=+$/, '')],
  ];
}
