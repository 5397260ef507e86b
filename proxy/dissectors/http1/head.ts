import type { Surrender } from '../message.ts';
import { latin1 } from '../text.ts';

/** What the first line of a message says (RFC 9112, 3 and 4). */
export type StartLine =
  | { readonly kind: 'request'; readonly method: string; readonly target: string }
  | { readonly kind: 'response'; readonly status: number; readonly phrase: string };

/** The few things of a head that framing and summary need; the rest waits until somebody looks. */
export interface Head {
  /** Index behind the empty line that ends it. */
  readonly end: number;
  readonly startLine: StartLine | undefined;
  /** `broken` says why the length of the body cannot be told. */
  readonly contentLength?: number;
  readonly broken?: Surrender['reason'];
  /** Lower case, all field lines joined. */
  readonly transferEncoding?: string;
  /** Without parameters. */
  readonly contentType?: string;
  /** There is an Upgrade field: the request would rather go on in another protocol (RFC 9110, 7.8). */
  readonly upgrade?: boolean;
  /** Names of the cookies that the response sets. */
  readonly setsCookies: readonly string[];
}

type Draft = { -readonly [Key in keyof Head]: Head[Key] } & { setsCookies: string[] };

// How far a line's end is looked for step by step.
const NEAR = 48;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SEMICOLON = 59;
const EQUALS = 61;
const LETTER_C = 0x63;
const LETTER_S = 0x73;
const LETTER_T = 0x74;
const LETTER_U = 0x75;

/** Where the empty line that ends a head ends; -1 when it is not in these bytes. `from` lies inside the head. */
export function findHeadEnd(bytes: Uint8Array, from: number): number {
  let feed = findLineFeed(bytes, from);
  while (feed !== -1) {
    // A single LF counts as a line end too: RFC 9112, 2.2 allows it, and attackers use it.
    if (bytes[feed + 1] === LINE_FEED) return feed + 2;
    if (bytes[feed + 1] === CARRIAGE_RETURN && bytes[feed + 2] === LINE_FEED) return feed + 3;
    feed = findLineFeed(bytes, feed + 1);
  }
  return -1;
}

/**
 * Reads the head that begins at `from`, perhaps with empty lines (RFC 9112, 2.2), line by line until the empty one that
 * ends it; undefined when that is not among these bytes, up to `limit`.
 */
export function readHead(bytes: Uint8Array, from: number, limit = bytes.length): Head | undefined {
  let at = from;
  while (bytes[at] === LINE_FEED || bytes[at] === CARRIAGE_RETURN) at++;
  let feed = findLineFeed(bytes, at);
  if (feed === -1) return undefined;
  const head: Draft = {
    end: 0,
    startLine: readStartLine(bytes, at, textEnd(bytes, at, feed)),
    setsCookies: [],
  };
  for (at = feed + 1; at < limit; at = feed + 1) {
    feed = findLineFeed(bytes, at);
    if (feed === -1) return undefined;
    const end = textEnd(bytes, at, feed);
    if (end === at) {
      head.end = feed + 1;
      return head.end <= limit ? head : undefined;
    }
    readFieldLine(head, bytes, at, end);
  }
  return undefined;
}

/** Lines are short as a rule, and the call costs more than these steps. */
function findLineFeed(bytes: Uint8Array, from: number): number {
  const near = Math.min(bytes.length, from + NEAR);
  for (let at = from; at < near; at++) if (bytes[at] === LINE_FEED) return at;
  return near === bytes.length ? -1 : bytes.indexOf(LINE_FEED, near);
}

/** The line without the CR before its LF. */
function textEnd(bytes: Uint8Array, start: number, feed: number): number {
  return feed > start && bytes[feed - 1] === CARRIAGE_RETURN ? feed - 1 : feed;
}

/** Keeps the field lines that matter. Each has its colon where its name ends, so no other is searched for one. */
function readFieldLine(head: Draft, bytes: Uint8Array, start: number, end: number): void {
  switch ((bytes[start] ?? 0) | 0x20) {
    case LETTER_C:
      if (named(bytes, start, 'content-length:')) readContentLength(head, bytes, start + 15, end);
      else if (named(bytes, start, 'content-type:'))
        head.contentType = before(bytes, start + 13, end, SEMICOLON)
          .trim()
          .toLowerCase();
      return;
    case LETTER_S:
      if (named(bytes, start, 'set-cookie:'))
        head.setsCookies.push(before(bytes, start + 11, end, EQUALS).trim());
      return;
    case LETTER_T:
      if (named(bytes, start, 'transfer-encoding:')) {
        const value = latin1(bytes, start + 18, end)
          .trim()
          .toLowerCase();
        head.transferEncoding =
          head.transferEncoding === undefined ? value : `${head.transferEncoding}, ${value}`;
      }
      return;
    case LETTER_U:
      if (named(bytes, start, 'upgrade:')) head.upgrade = true;
  }
}

/** The text before the first such byte, or all of it. */
function before(bytes: Uint8Array, start: number, end: number, byte: number): string {
  let at = start;
  while (at < end && bytes[at] !== byte) at++;
  return latin1(bytes, start, at);
}

/** RFC 9112, 6.3: repeated equal lengths may be taken as one, different ones are beyond repair. */
function readContentLength(head: Draft, bytes: Uint8Array, start: number, end: number): void {
  const value = latin1(bytes, start, end);
  const parts = value.includes(',') ? value.split(',') : [value];
  for (const part of parts) {
    const text = part.trim();
    // Up to 15 digits a number counts exactly.
    if (!/^\d{1,15}$/.test(text)) {
      head.broken = 'Content-Length is not a number, so where this message ends cannot be told.';
      return;
    }
    const length = Number(text);
    if (head.contentLength !== undefined && head.contentLength !== length) {
      head.broken = 'Two Content-Length fields disagree, so where this message ends cannot be told.';
    }
    head.contentLength = length;
  }
}

function readStartLine(bytes: Uint8Array, start: number, end: number): StartLine | undefined {
  const line = latin1(bytes, start, end);
  if (line.startsWith('HTTP/1.')) return readStatusLine(line);
  const first = line.indexOf(' ');
  const last = line.lastIndexOf(' ');
  if (first <= 0 || last <= first + 1 || last + 9 !== line.length || !line.startsWith('HTTP/1.', last + 1)) {
    return undefined;
  }
  return { kind: 'request', method: line.slice(0, first), target: line.slice(first + 1, last) };
}

function readStatusLine(line: string): StartLine | undefined {
  const code = line.slice(9, 12);
  if (line[8] !== ' ' || !/^\d{3}$/.test(code) || (line.length > 12 && line[12] !== ' ')) return undefined;
  return { kind: 'response', status: Number(code), phrase: line.slice(13) };
}

/** Whether the bytes are these letters and marks, the letters in any case. */
function named(bytes: Uint8Array, start: number, name: string): boolean {
  for (let index = 0; index < name.length; index++) {
    const byte = bytes[start + index] ?? 0;
    const lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
    if (lower !== name.charCodeAt(index)) return false;
  }
  return true;
}
