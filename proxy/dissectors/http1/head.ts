import type { Surrender } from '../message.ts';
import { latin1 } from '../text.ts';

/** What the first line of a message says (RFC 9112, 3 and 4). */
export type StartLine =
  | { readonly kind: 'request'; readonly method: string; readonly target: string }
  | { readonly kind: 'response'; readonly status: number; readonly phrase: string };

/** The few things of a head that framing and summary need; the rest waits until somebody looks. */
export interface Head {
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

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const COLON = 58;

/** Where the empty line that ends a head ends; -1 when it is not in these bytes. `from` lies inside the head. */
export function findHeadEnd(bytes: Uint8Array, from: number): number {
  let feed = bytes.indexOf(LINE_FEED, from);
  while (feed !== -1) {
    // A single LF counts as a line end too: RFC 9112, 2.2 allows it, and attackers use it.
    if (bytes[feed + 1] === LINE_FEED) return feed + 2;
    if (bytes[feed + 1] === CARRIAGE_RETURN && bytes[feed + 2] === LINE_FEED) return feed + 3;
    feed = bytes.indexOf(LINE_FEED, feed + 1);
  }
  return -1;
}

/** Reads a complete head, which may begin with empty lines (RFC 9112, 2.2). */
export function readHead(bytes: Uint8Array): Head {
  let at = 0;
  while (bytes[at] === LINE_FEED || bytes[at] === CARRIAGE_RETURN) at++;
  const firstEnd = lineEnd(bytes, at);
  const head: Draft = {
    startLine: readStartLine(latin1(bytes, at, firstEnd.text)),
    setsCookies: [],
  };
  at = firstEnd.next;
  while (at < bytes.length) {
    const end = lineEnd(bytes, at);
    let colon = at;
    while (colon < end.text && bytes[colon] !== COLON) colon++;
    if (colon < end.text) readFieldLine(head, bytes, at, colon, end.text);
    at = end.next;
  }
  return head;
}

function readFieldLine(head: Draft, bytes: Uint8Array, start: number, colon: number, end: number): void {
  // The names that matter have these lengths; comparing lengths first keeps the others free.
  switch (colon - start) {
    case 7:
      if (named(bytes, start, 'upgrade')) head.upgrade = true;
      return;
    case 10:
      if (named(bytes, start, 'set-cookie')) {
        head.setsCookies.push((latin1(bytes, colon + 1, end).split('=')[0] ?? '').trim());
      }
      return;
    case 12:
      if (named(bytes, start, 'content-type')) {
        head.contentType = (latin1(bytes, colon + 1, end).split(';')[0] ?? '').trim().toLowerCase();
      }
      return;
    case 14:
      if (named(bytes, start, 'content-length')) readContentLength(head, latin1(bytes, colon + 1, end));
      return;
    case 17:
      if (named(bytes, start, 'transfer-encoding')) {
        const value = latin1(bytes, colon + 1, end)
          .trim()
          .toLowerCase();
        head.transferEncoding =
          head.transferEncoding === undefined ? value : `${head.transferEncoding}, ${value}`;
      }
  }
}

/** RFC 9112, 6.3: repeated equal lengths may be taken as one, different ones are beyond repair. */
function readContentLength(head: { contentLength?: number; broken?: string }, value: string): void {
  for (const part of value.split(',')) {
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

function readStartLine(line: string): StartLine | undefined {
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

function lineEnd(bytes: Uint8Array, from: number): { text: number; next: number } {
  const feed = bytes.indexOf(LINE_FEED, from);
  const next = feed === -1 ? bytes.length : feed + 1;
  let text = feed === -1 ? bytes.length : feed;
  if (text > from && bytes[text - 1] === CARRIAGE_RETURN) text--;
  return { text, next };
}

function named(bytes: Uint8Array, start: number, name: string): boolean {
  for (let index = 0; index < name.length; index++) {
    const byte = bytes[start + index] ?? 0;
    const lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
    if (lower !== name.charCodeAt(index)) return false;
  }
  return true;
}
