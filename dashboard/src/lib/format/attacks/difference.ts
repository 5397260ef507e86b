import { readCharacter } from '../code-point.ts';

export interface Piece {
  readonly text: string;
  readonly isChanged: boolean;
}

/** What was sent and what went on in its place, in pieces that are the same in both and pieces that are not. */
export interface Difference {
  /** `hex` where either is no text. */
  readonly kind: 'text' | 'hex';
  readonly before: readonly Piece[];
  readonly after: readonly Piece[];
  /** Where all that differs is one bit: which, in words. */
  readonly bit?: string;
}

/** Beyond this many comparisons only the common beginning and end are looked for. */
const MOST_COMPARED = 250_000;
/** Characters of what is the same that stay beside a change. */
const CONTEXT = 48;
const LONGEST_CHANGE = 420;

/**
 * `shown` makes of a text what may stand on the page, and what it hides is hidden before anything is compared; without
 * it the bytes are no text, whatever they look like.
 */
export function differenceOf(
  before: Uint8Array,
  after: Uint8Array,
  shown: ((text: string) => string) | undefined,
): Difference {
  const texts = [plainText(before), plainText(after)] as const;
  if (shown && texts[0] !== undefined && texts[1] !== undefined) {
    const [one, other] = compare(words(shown(texts[0])), words(shown(texts[1])));
    return { kind: 'text', before: pieces(one, ''), after: pieces(other, '') };
  }
  const [one, other] = compareBytes(hexPairs(before), hexPairs(after));
  const bit = flippedBit(before, after);
  return {
    kind: 'hex',
    before: pieces(one, ' '),
    after: pieces(other, ' '),
    ...(bit !== undefined && { bit }),
  };
}

/**
 * What was read, line by line and cut to so many characters; bytes that are no text as hex. A message is cut in its head
 * before its body: a browser's head is long, and what was typed stands behind it.
 */
export function readText(bytes: Uint8Array, shown: (text: string) => string, most = LONGEST_CHANGE): string {
  const text = plainText(bytes);
  if (text === undefined) return cutChange(hexPairs(bytes.subarray(0, most)).join(' '), most);
  const lines = text.trimEnd().split(/\r?\n/).map(shown);
  const end = lines.indexOf('');
  const [head, body] = [lines.slice(0, end), lines.slice(end + 1)].map((part) => part.join('\n'));
  if (end < 1 || !head || !body) return cutChange(lines.join('\n'), most);
  const keptHead = cutChange(head, Math.max(most >> 1, most - Array.from(body).length));
  return `${keptHead}\n\n${cutChange(body, Math.max(most >> 1, most - Array.from(head).length))}`;
}

interface Token {
  readonly text: string;
  readonly isChanged: boolean;
}

/** Bytes as text, or undefined where they hold anything but UTF-8, line ends and tabs. */
function plainText(bytes: Uint8Array): string | undefined {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const { length, point } = readCharacter(bytes, at);
    const isLine = point === 0x09 || point === 0x0a || point === 0x0d;
    if (point === undefined || (point < 0x20 && !isLine) || point === 0x7f) return undefined;
    text += String.fromCodePoint(point);
    at += length;
  }
  return text;
}

/** Words, tags and single signs: whoever changes a page or a value changes no less. */
function words(text: string): readonly string[] {
  return text.match(/<[^<>]{1,200}>|[\p{L}\p{N}]+|[^\p{L}\p{N}]/gu) ?? [];
}

function hexPairs(bytes: Uint8Array): readonly string[] {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));
}

function compare(
  one: readonly string[],
  other: readonly string[],
): readonly [readonly Token[], readonly Token[]] {
  const shorter = Math.min(one.length, other.length);
  let head = 0;
  while (head < shorter && one[head] === other[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && one.at(-1 - tail) === other.at(-1 - tail)) tail += 1;
  const common = commonPlaces(one.slice(head, one.length - tail), other.slice(head, other.length - tail));
  const marked = (tokens: readonly string[], kept: ReadonlySet<number>): readonly Token[] =>
    tokens.map((text, at) => ({
      text,
      isChanged: at >= head && at < tokens.length - tail && !kept.has(at - head),
    }));
  return [marked(one, common[0]), marked(other, common[1])];
}

/**
 * Bytes are what they are by their place: as many of them are compared one by one, and of more or fewer all that lies
 * between what is the same at both ends has changed.
 */
function compareBytes(
  one: readonly string[],
  other: readonly string[],
): readonly [readonly Token[], readonly Token[]] {
  const isEqual = one.length === other.length;
  const shorter = Math.min(one.length, other.length);
  let head = 0;
  while (head < shorter && one[head] === other[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && one.at(-1 - tail) === other.at(-1 - tail)) tail += 1;
  const marked = (bytes: readonly string[], others: readonly string[]): readonly Token[] =>
    bytes.map((text, at) => ({
      text,
      isChanged: isEqual ? text !== others[at] : at >= head && at < bytes.length - tail,
    }));
  return [marked(one, other), marked(other, one)];
}

/** The places of a longest common subsequence in each. */
function commonPlaces(
  one: readonly string[],
  other: readonly string[],
): readonly [ReadonlySet<number>, ReadonlySet<number>] {
  const places = [new Set<number>(), new Set<number>()] as const;
  if (one.length * other.length > MOST_COMPARED) return places;
  const width = other.length + 1;
  // Of the rest from (row, column) on.
  const lengths = new Uint32Array((one.length + 1) * width);
  const lengthAt = (row: number, column: number): number => lengths[row * width + column] ?? 0;
  for (let row = one.length - 1; row >= 0; row -= 1)
    for (let column = other.length - 1; column >= 0; column -= 1)
      lengths[row * width + column] =
        one[row] === other[column]
          ? lengthAt(row + 1, column + 1) + 1
          : Math.max(lengthAt(row + 1, column), lengthAt(row, column + 1));
  for (let row = 0, column = 0; row < one.length && column < other.length;) {
    if (one[row] === other[column]) {
      places[0].add(row);
      places[1].add(column);
      row += 1;
      column += 1;
    } else if (lengthAt(row + 1, column) >= lengthAt(row, column + 1)) row += 1;
    else column += 1;
  }
  return places;
}

/** Neighbours joined, and what is long and the same cut short. */
function pieces(tokens: readonly Token[], between: string): readonly Piece[] {
  const joined: { text: string; isChanged: boolean }[] = [];
  for (const { text, isChanged } of tokens) {
    const last = joined.at(-1);
    if (last?.isChanged === isChanged) last.text += between + text;
    else joined.push({ text, isChanged });
  }
  const last = joined.length - 1;
  return joined.map(({ text, isChanged }, at) => {
    if (isChanged) return { isChanged, text: cutChange(text) };
    const cut = cutContext(text, at === 0, at === last);
    return { isChanged, text: `${at > 0 ? between : ''}${cut}${at < last ? between : ''}` };
  });
}

function cutChange(text: string, most = LONGEST_CHANGE): string {
  const characters = Array.from(text);
  if (characters.length <= most) return text;
  return `${characters.slice(0, most).join('')} …`;
}

function cutContext(text: string, isFirst: boolean, isLast: boolean): string {
  const characters = Array.from(text);
  if (characters.length <= CONTEXT * 2) return text;
  const start = isFirst ? '' : characters.slice(0, CONTEXT).join('');
  const end = isLast && !isFirst ? '' : characters.slice(-CONTEXT).join('');
  return `${start} … ${end}`.trim();
}

function flippedBit(before: Uint8Array, after: Uint8Array): string | undefined {
  if (before.length !== after.length) return undefined;
  const changed = Array.from(before.keys()).filter((at) => before[at] !== after[at]);
  const [at] = changed;
  if (at === undefined || changed.length > 1) return undefined;
  const [was, is] = [before[at] ?? 0, after[at] ?? 0];
  const difference = was ^ is;
  if ((difference & (difference - 1)) !== 0) return undefined;
  return `one bit: ${binary(was)} became ${binary(is)}`;
}

/** `0011 1111` */
function binary(byte: number): string {
  return byte.toString(2).padStart(8, '0').replace(/^..../, '$& ');
}
