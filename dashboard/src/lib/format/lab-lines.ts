import type { ByteRange } from '#dissectors/field.ts';

/** What the victim says in the chat unless the presenter writes something else. */
export const SCRIPTED_LINE = 'When are you open?';

/**
 * How the lines of the site's own desk read, whole: they are the lab's, and nobody typed them. A line that repeats
 * what it was asked is none of them.
 */
const DESK_LINES: readonly RegExp[] = [
  /^Hello( \p{L}{1,40})?, this is PiggyPay support: a program with a few answers\. We never ask for your password\.$/u,
  /^Keep that to yourself: nobody at PiggyPay will ever ask for your password\.$/,
  /^Log in on this site first, then I can see your account\.$/,
  /^Your balance is \p{Sc}?[\d,.]{1,20}\.$/u,
  /^Your latest payment: [^“”"]{1,80}\.$/,
  /^The support desk is open day and night\. Programs do not sleep\.$/,
  /^You are welcome\.$/,
  /^Hello! Ask about your balance, your latest payment or our opening hours\.$/,
];

/** How they begin, as far as a title quotes them. */
const DESK_BEGINNINGS: readonly RegExp[] = [
  /^Hello( \p{L}{1,40})?, this is PiggyPay suppo/u,
  /^Hello( \p{L}{1,40})?, this is PiggyPay …$/u,
  /^Keep that to yourself: nobody at PiggyP/,
  /^Log in on this site first, then I can s/,
  /^Your latest payment: /,
  /^The support desk is open day and night\./,
  /^Hello! Ask about your balance, your la/,
];

/** Whether the lab itself says this in the support chat: the scripted line, or an answer of the desk. */
export function isLabLine(text: string, who: 'victim' | 'desk' | 'either'): boolean {
  if (who !== 'desk' && text === SCRIPTED_LINE) return true;
  return who !== 'victim' && DESK_LINES.some((line) => line.test(text));
}

/** The same of a title's quotation, which may be cut short with `…`. */
export function isLabQuotation(text: string): boolean {
  if (isLabLine(text, 'either')) return true;
  return text.endsWith('…') && DESK_BEGINNINGS.some((beginning) => beginning.test(text));
}

/** Where the desk repeats what it was asked, as characters of its line; undefined in any other line. */
export function echoIn(line: string): ByteRange | undefined {
  const echo = /^(You wrote “)(.*?)(”\. I know about|…?$)/s.exec(line);
  if (!echo) return undefined;
  const start = (echo[1] ?? '').length;
  return { start, end: start + (echo[2] ?? '').length };
}
