import type { Riddle } from '#contract';
import type { MeasuredPage } from './listen-table.ts';

/** The pages whose answers are exactly as long. */
export function pagesThatFit(table: readonly MeasuredPage[], bytes: number): readonly MeasuredPage[] {
  return table.filter((page) => page.bytes === bytes);
}

/**
 * How long the password is, by the stranger's own requests: each character more is a byte more. Undefined where it is
 * not so, since somebody fills the requests up, or where no password would fit.
 */
export function passwordLengthFrom(ownLogins: Riddle['ownLogins'], bytes: number): number | undefined {
  const [short, long] = ownLogins;
  if (!short || !long) return undefined;
  if (long.bytes - short.bytes !== long.passwordLength - short.passwordLength) return undefined;
  const length = bytes - short.bytes + short.passwordLength;
  return length > 0 ? length : undefined;
}

/** What the size of a page's answer says, in a sentence. */
export function pageInWords(candidates: readonly MeasuredPage[], of: number, bytes: number): string {
  const answer = `The answer of ${grouped(bytes)} sealed bytes fits`;
  const [only] = candidates;
  if (!only) return `${answer} none of ${of} pages: which it was cannot be told.`;
  if (candidates.length === 1) return `${answer} one of ${of} pages, “${only.title}”.`;
  return `${answer} ${candidates.length} of ${of} pages: which it was cannot be told.`;
}

/** What the size of the login says, in a sentence. */
export function loginInWords(
  ownLogins: Riddle['ownLogins'],
  bytes: number,
  length: number | undefined,
): string {
  const [short, long] = ownLogins;
  if (!short || !long) return '';
  if (length !== undefined)
    return `The login of ${bytes} bytes is ${bytes - short.bytes} more than one with a password of ${characters(short.passwordLength)}: ${characters(length)}.`;
  return `A login has ${short.bytes} bytes with a password of ${characters(short.passwordLength)} and ${long.bytes} with one of ${long.passwordLength}: the victim’s ${bytes} say nothing of its length.`;
}

export function characters(count: number): string {
  return count === 1 ? '1 character' : `${count} characters`;
}

function grouped(count: number): string {
  return count.toLocaleString('en');
}
