import type { NeedleEncoding, Verdict } from '#contract';
import { SHORTEST_NEEDLE } from '#folds/needles.ts';
import type { LoginFailure } from '#folds/view.ts';
import { count } from './quantity.ts';

const ENCODINGS: Readonly<Record<NeedleEncoding, string>> = {
  plain: 'plain',
  url: 'URL-encoded',
  base64: 'base64',
  hex: 'hex',
};

const TOO_SHORT = `too short to search for: under ${String(SHORTEST_NEEDLE)} characters would turn up by chance`;

/** What a lane's search came to, in words; `isFound` is whether a stranger holds a secret now. */
export interface VerdictLine {
  readonly isFound: boolean;
  readonly isSearched: boolean;
  readonly text: string;
}

/** What else the sentence rests on. */
export interface VerdictContext {
  readonly isRecorded?: boolean;
  /** A password of a login stands in the notebook, in clear, whoever typed it. */
  readonly isRead?: boolean;
  /** What was searched for is a hash of the password that was typed, which a page sent in its place. */
  readonly isHash?: boolean;
}

const READ = 'A password can be read here in clear, and nobody told what was typed: the notebook has it';
const READ_OTHER =
  'A password can be read here in clear, another than the one that was told of: the notebook has it';

/** The sentence under a lane, made of the two computed verdicts and of what the notebook holds. */
export function verdictLine(
  password: Verdict,
  mobile: Verdict,
  { isRecorded = false, isRead = false, isHash = false }: VerdictContext = {},
): VerdictLine {
  if (password.needle === undefined && mobile.needle === undefined) {
    if (isRead) return { isFound: true, isSearched: true, text: READ };
    return {
      isFound: false,
      isSearched: false,
      text: isRecorded
        ? 'Nothing to search for: the file does not say what was typed.'
        : 'Nothing to search for yet: nobody has logged in.',
    };
  }
  const what = isHash ? 'password’s hash' : 'password';
  const bytes = `${count(Math.max(password.searchedBytes, mobile.searchedBytes))} bytes`;
  const found = [
    ...(password.found > 0 ? [`the ${what} ${count(password.found)}×`] : []),
    ...(mobile.found > 0 ? [`the mobile number ${count(mobile.found)}×`] : []),
  ];
  if (found.length > 0) {
    return { isFound: true, isSearched: true, text: `Found ${found.join(' and ')} in ${bytes}` };
  }
  const said = [
    ...(isTooShort(password) ? [`The password is ${TOO_SHORT}`] : []),
    // The password stands for both where it was searched for.
    ...(isSearched(password)
      ? [searchedLine(what, password)]
      : isSearched(mobile)
        ? [searchedLine('mobile number', mobile)]
        : []),
    ...(isTooShort(mobile) && password.needle === undefined ? [`The mobile number is ${TOO_SHORT}`] : []),
  ];
  if (isRead) {
    const text = isSearched(password) ? READ_OTHER : [...said, READ].join('. ');
    return { isFound: true, isSearched: true, text };
  }
  const wasSearched = isSearched(password) || isSearched(mobile);
  if (wasSearched && password.searchedBytes === 0 && mobile.searchedBytes === 0)
    return { isFound: false, isSearched: false, text: 'Nothing crossed here that could be searched.' };
  return { isFound: false, isSearched: wasSearched, text: said.join('. ') };
}

/** What came of the newest login, where it did not get in; and who says so. */
export function failureLine(failure: LoginFailure, isRecorded = false): string {
  if (failure.how === 'refused')
    return `The newest login was refused with ${String(failure.status)}: told by the site.`;
  // Sealed as it is, nobody but the ends knows whether it was a login.
  return `The newest connection was cut off without an answer (${isRecorded ? 'recorded' : 'captured'}).`;
}

function isSearched({ needle, encodings }: Verdict): boolean {
  return needle !== undefined && encodings.length > 0;
}

function isTooShort({ needle, encodings }: Verdict): boolean {
  return needle !== undefined && encodings.length === 0;
}

function searchedLine(what: string, { searchedBytes, encodings }: Verdict): string {
  const written = encodings.map((encoding) => ENCODINGS[encoding]).join(', ');
  return `Searched ${count(searchedBytes)} bytes for the ${what} (${written}): 0 found`;
}
