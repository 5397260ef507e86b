/** A number that is written as a code and some more bits: the smallest of each code, and how many bits. */
export interface Ranges {
  readonly starts: readonly number[];
  readonly bits: readonly number[];
}

/** RFC 7932, 5: insert and copy lengths, by their codes. */
export const INSERT_LENGTHS = ranges(
  0,
  [0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 12, 14, 24],
);
export const COPY_LENGTHS = ranges(
  2,
  [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 24],
);
/** RFC 7932, 6. */
export const BLOCK_COUNTS = ranges(
  1,
  [2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 7, 8, 9, 10, 11, 12, 13, 24],
);

/** RFC 7932, 5: where the 64 commands of each cell begin in both; the first two cells imply the last distance. */
export const INSERT_CELLS = [0, 0, 0, 0, 8, 8, 0, 16, 8, 16, 16];
export const COPY_CELLS = [0, 8, 0, 8, 0, 8, 16, 0, 16, 8, 16];

// Four times this, for the bytes below 128; the others only say whether they begin or continue a character.
const ASCII_CLASSES =
  '000000000110010000000000000000002343353467338393bbbbbbbbbb886a733cdddcdddcdddddcdddddcddddd637333efffefffefffffefffffefffff63730';

/** RFC 7932, 7.1: what the last byte says about the next, in text; `UTF8_BEFORE` is for the byte before it. */
export const UTF8_LAST = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 128 ? Number.parseInt(ASCII_CLASSES[byte] ?? '0', 16) * 4 : (byte & 1) + (byte < 192 ? 0 : 2),
);
export const UTF8_BEFORE = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 128) return byte < 224 ? 0 : 2;
  const character = String.fromCharCode(byte);
  if (/[a-z]/.test(character)) return 3;
  if (/[A-Z0-9]/.test(character)) return 2;
  return byte > 32 && byte < 127 ? 1 : 0;
});
/** The same where the bytes are signed numbers. */
export const SIGNED = Uint8Array.from(
  { length: 256 },
  (_, byte) => [1, 16, 64, 128, 192, 240, 255].filter((start) => byte >= start).length,
);

function ranges(first: number, bits: readonly number[]): Ranges {
  const starts: number[] = [];
  let next = first;
  for (const size of bits) {
    starts.push(next);
    next += 2 ** size;
  }
  return { starts, bits };
}
