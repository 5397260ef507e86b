import type { Riddle } from '#contract';
import { byteWords, count, counted } from '../quantity.ts';

/** What a class says before it is told: a page of the table and a length, or that it cannot be told; each may be missing. */
export interface Guess {
  readonly page?: string | undefined;
  readonly passwordLength?: number | undefined;
  readonly isPageHidden?: boolean;
  readonly isLengthHidden?: boolean;
}

/** What the sizes say of the page, in a sentence. */
export function pageBySize({ table, candidates, guessed, seen }: Riddle): string {
  const bytes = byteWords(seen.pageBytes);
  if (guessed.page !== undefined)
    return `Only “${guessed.page}” is ${bytes} long when the stranger opens it itself.`;
  if (candidates.length === 0)
    return `None of ${counted(table.length, 'page')} is ${bytes} long: which it was cannot be told.`;
  const fitting =
    candidates.length === table.length
      ? `All ${count(table.length)} pages are`
      : `${count(candidates.length)} of ${counted(table.length, 'page')} are`;
  return `${fitting} ${bytes} long: each of them fits, and nobody can tell which it was.`;
}

/** The same of the password; undefined where no login was seen. */
export function lengthBySize({ guessed, seen, ownLogins }: Riddle): string | undefined {
  const [short, long] = ownLogins;
  if (seen.requestBytes === undefined || !short || !long) return undefined;
  if (guessed.passwordLength === undefined)
    return `With ${characters(short.passwordLength)} a login has ${byteWords(short.bytes)}, and with ${count(long.passwordLength)} it has ${byteWords(long.bytes)}: its size says nothing of the password.`;
  const more = seen.requestBytes - short.bytes;
  return `One more character, one more byte: ${byteWords(more)} more than with ${characters(short.passwordLength)} makes ${characters(guessed.passwordLength)}.`;
}

/** How what was said of the page compares with what can be known; undefined where nothing was said. */
export function judgePage({ page, isPageHidden }: Guess, riddle: Riddle): string | undefined {
  if (isPageHidden)
    return riddle.guessed.page === undefined
      ? '✓ So it is: it cannot be told.'
      : '✗ It can: only one page fits.';
  if (page === undefined) return undefined;
  if (page !== riddle.answer.page) return '✗ It was another one.';
  return riddle.guessed.page === undefined
    ? `✓ Right, by luck: one in ${count(Math.max(1, riddle.candidates.length))}.`
    : '✓ So it was.';
}

/** The same of the password's length. */
export function judgeLength({ passwordLength, isLengthHidden }: Guess, riddle: Riddle): string | undefined {
  const isTold = riddle.guessed.passwordLength !== undefined;
  if (isLengthHidden)
    return isTold ? '✗ It can: the bytes count the characters.' : '✓ So it is: it cannot be told.';
  if (passwordLength === undefined) return undefined;
  if (passwordLength !== riddle.answer.passwordLength) return '✗ It was another length.';
  return isTold ? '✓ So it was.' : '✓ Right, by luck: the size does not say it.';
}

export function characters(length: number): string {
  return counted(length, 'character');
}
