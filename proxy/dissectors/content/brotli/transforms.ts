/** What is done to a word: 0 nothing, 1 to 9 so many last bytes left out, 10 and 11 upper case, 12 on first bytes left out. */
type Operation = number;

const UPPER_FIRST = 10;
const UPPER_ALL = 11;

/** RFC 7932, appendix B: what comes before the word, what is done to it, what comes behind. */
const TRANSFORMS: readonly (readonly [string, Operation, string])[] = [
  ['', 0, ''],
  ['', 0, ' '],
  [' ', 0, ' '],
  ['', 12, ''],
  ['', 10, ' '],
  ['', 0, ' the '],
  [' ', 0, ''],
  ['s ', 0, ' '],
  ['', 0, ' of '],
  ['', 10, ''],
  ['', 0, ' and '],
  ['', 13, ''],
  ['', 1, ''],
  [', ', 0, ' '],
  ['', 0, ', '],
  [' ', 10, ' '],
  ['', 0, ' in '],
  ['', 0, ' to '],
  ['e ', 0, ' '],
  ['', 0, '"'],
  ['', 0, '.'],
  ['', 0, '">'],
  ['', 0, '\n'],
  ['', 3, ''],
  ['', 0, ']'],
  ['', 0, ' for '],
  ['', 14, ''],
  ['', 2, ''],
  ['', 0, ' a '],
  ['', 0, ' that '],
  [' ', 10, ''],
  ['', 0, '. '],
  ['.', 0, ''],
  [' ', 0, ', '],
  ['', 15, ''],
  ['', 0, ' with '],
  ['', 0, "'"],
  ['', 0, ' from '],
  ['', 0, ' by '],
  ['', 16, ''],
  ['', 17, ''],
  [' the ', 0, ''],
  ['', 4, ''],
  ['', 0, '. The '],
  ['', 11, ''],
  ['', 0, ' on '],
  ['', 0, ' as '],
  ['', 0, ' is '],
  ['', 7, ''],
  ['', 1, 'ing '],
  ['', 0, '\n\t'],
  ['', 0, ':'],
  [' ', 0, '. '],
  ['', 0, 'ed '],
  ['', 20, ''],
  ['', 18, ''],
  ['', 6, ''],
  ['', 0, '('],
  ['', 10, ', '],
  ['', 8, ''],
  ['', 0, ' at '],
  ['', 0, 'ly '],
  [' the ', 0, ' of '],
  ['', 5, ''],
  ['', 9, ''],
  [' ', 10, ', '],
  ['', 10, '"'],
  ['.', 0, '('],
  ['', 11, ' '],
  ['', 10, '">'],
  ['', 0, '="'],
  [' ', 0, '.'],
  ['.com/', 0, ''],
  [' the ', 0, ' of the '],
  ['', 10, "'"],
  ['', 0, '. This '],
  ['', 0, ','],
  ['.', 0, ' '],
  ['', 10, '('],
  ['', 10, '.'],
  ['', 0, ' not '],
  [' ', 0, '="'],
  ['', 0, 'er '],
  [' ', 11, ' '],
  ['', 0, 'al '],
  [' ', 11, ''],
  ['', 0, "='"],
  ['', 11, '"'],
  ['', 10, '. '],
  [' ', 0, '('],
  ['', 0, 'ful '],
  [' ', 10, '. '],
  ['', 0, 'ive '],
  ['', 0, 'less '],
  ['', 11, "'"],
  ['', 0, 'est '],
  [' ', 10, '.'],
  ['', 11, '">'],
  [' ', 0, "='"],
  ['', 10, ','],
  ['', 0, 'ize '],
  ['', 11, '.'],
  ['\xc2\xa0', 0, ''],
  [' ', 0, ','],
  ['', 10, '="'],
  ['', 11, '="'],
  ['', 0, 'ous '],
  ['', 11, ', '],
  ['', 10, "='"],
  [' ', 10, ','],
  [' ', 11, '="'],
  [' ', 11, ', '],
  ['', 11, ','],
  ['', 11, '('],
  ['', 11, '. '],
  [' ', 11, '.'],
  ['', 11, "='"],
  [' ', 11, '. '],
  [' ', 10, '="'],
  [' ', 11, "='"],
  [' ', 10, "='"],
];

/** A word of the dictionary, changed; undefined when there is no such transform (RFC 7932, 8). */
export function transformed(word: Uint8Array, index: number): Uint8Array | undefined {
  const transform = TRANSFORMS[index];
  if (!transform) return undefined;
  const [prefix, operation, suffix] = transform;
  const from = operation > UPPER_ALL ? operation - UPPER_ALL : 0;
  const to = operation < UPPER_FIRST ? word.length - operation : word.length;
  const kept = word.slice(from, Math.max(from, to));
  if (operation === UPPER_FIRST) upperCase(kept, 0);
  else if (operation === UPPER_ALL) for (let at = 0; at < kept.length;) at += upperCase(kept, at);
  return Uint8Array.from([...latin1Bytes(prefix), ...kept, ...latin1Bytes(suffix)]);
}

/** Changes a character in place, in a simple way that suits UTF-8 roughly; returns how many bytes it has. */
function upperCase(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const flip = (index: number, bits: number): void => {
    if (index < bytes.length) bytes[index] = (bytes[index] ?? 0) ^ bits;
  };
  if (first < 0xc0) {
    if (first >= 0x61 && first <= 0x7a) flip(at, 32);
    return 1;
  }
  flip(first < 0xe0 ? at + 1 : at + 2, first < 0xe0 ? 32 : 5);
  return first < 0xe0 ? 2 : 3;
}

function latin1Bytes(text: string): readonly number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}
