import type { Measure } from '#contract';
import { byteCount, count } from '../quantity.ts';
import { MEASURE_WORDS, VALUE_WORDS } from './experiment-words.ts';

const decimal = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** `bytesSaved` → `Bytes saved`; a name with a text of its own has that. */
export function measureName(name: string): string {
  const own = Object.hasOwn(MEASURE_WORDS, name) ? MEASURE_WORDS[name] : undefined;
  if (own !== undefined) return own;
  const spaced = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_.-]+/g, ' ')
    .toLowerCase()
    .replace(/\b(tls|psk|hkdf|dns|https?|id|cpu)\b/g, (short) => short.toUpperCase())
    .trim();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** A value with the unit that its name says. */
export function measureText(name: string, value: Measure): string {
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return VALUE_WORDS[name]?.[value] ?? value;
  if (typeof value === 'number') return numberText(name, value);
  if (isList(value))
    return value.length === 0 ? 'none' : value.map((item) => measureText(name, item)).join(', ');
  return Object.entries(value)
    .map(([key, item]) => `${measureName(key)}: ${measureText(key, item)}`)
    .join(', ');
}

/** What the second has more or less than the first; undefined where that says nothing. */
export function differenceText(
  name: string,
  one: Measure | undefined,
  other: Measure | undefined,
): string | undefined {
  if (typeof one !== 'number' || typeof other !== 'number' || one === other) return undefined;
  // What names a thing has no more or less.
  if (/^connection$|status$|port$|seq$|Id$/.test(name)) return undefined;
  return `${other < one ? '−' : '+'}${numberText(name, Math.abs(other - one))}`;
}

/** Whether a measure is by its name the difference of two others. */
export function isDifference(name: string): boolean {
  return /saved$/i.test(name);
}

// Array.isArray does not narrow readonly arrays.
export function isList(value: Measure | undefined): value is readonly Measure[] {
  return Array.isArray(value);
}

function numberText(name: string, value: number): string {
  if (/milliseconds/i.test(name)) return `${decimal.format(value)} ms`;
  if (/seconds/i.test(name)) return `${decimal.format(value)} s`;
  if (/bytes/i.test(name)) return byteCount(value);
  return Number.isInteger(value) ? count(value) : decimal.format(value);
}
