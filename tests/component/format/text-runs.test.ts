import { expect, test } from 'vitest';
import { visibleText } from '../../../dashboard/src/lib/format/code-point.ts';
import type { Mark } from '../../../dashboard/src/lib/format/marks.ts';
import { textRuns } from '../../../dashboard/src/lib/format/text-runs.ts';
import { hex, utf8 } from '../support/bytes.ts';

function drawn(bytes: Uint8Array, marks: readonly Mark[] = []): string {
  return textRuns(bytes, { start: 0, end: bytes.length }, marks)
    .map((run) => run.text)
    .join('');
}

test('breaks lines at CR LF and at LF, and shows a carriage return that stands alone', () => {
  expect(drawn(utf8('a\r\nb\nc\rd'))).toBe('a\nb\nc\\rd');
});

test.each([
  ['right-to-left override', '\u202e', 'U+202E'],
  ['zero-width space', '\u200b', 'U+200B'],
  ['escape', '\u001b', '\\x1b'],
  ['NUL', '\0', '\\x00'],
  ['C1 control', '\u0085', 'U+0085'],
  ['line separator', '\u2028', 'U+2028'],
  ['tag character', '\u{e0041}', 'U+E0041'],
])('shows a %s as a code', (_name, character, code) => {
  expect(drawn(utf8(`a${character}b`))).toBe(`a${code}b`);
  expect(visibleText(`a${character}b`)).toBe(`a${code}b`);
});

test.each([
  ['ff fe', '\\xff\\xfe'],
  ['c3', '\\xc3'],
  ['c0 af', '\\xc0\\xaf'],
  ['ed a0 80', '\\xed\\xa0\\x80'],
  ['f4 90 80 80', '\\xf4\\x90\\x80\\x80'],
  ['e2 82 41', '\\xe2\\x82A'],
])('shows %s, which is not UTF-8, byte by byte', (bytes, shown) => {
  expect(drawn(hex(bytes))).toBe(shown);
});

test('reads every valid character the way the platform does', () => {
  const text = 'é € 😀 नमस्ते 你好';
  expect(drawn(utf8(text))).toBe(text);
});

test('covers every byte once, whatever the bytes are', () => {
  const bytes = Uint8Array.from({ length: 4096 }, (_, index) => (index * 197 + (index >> 3) * 31) & 0xff);
  const runs = textRuns(bytes, { start: 0, end: bytes.length }, []);
  let next = 0;
  for (const run of runs) {
    expect(run.start).toBe(next);
    next = run.end;
  }
  expect(next).toBe(bytes.length);
});

test('draws dots over the hidden part of a mark and names the mark once', () => {
  const bytes = utf8('"hunter2x"');
  const mark: Mark = { kind: 'password', start: 1, end: 9, hidden: { start: 5, end: 9 } };
  const runs = textRuns(bytes, { start: 0, end: bytes.length }, [mark]);
  expect(runs.map((run) => run.text)).toEqual(['"', 'hunt••••', '"']);
  expect(runs.filter((run) => run.endsMark)).toHaveLength(1);
});

test('sets the focused bytes apart', () => {
  const runs = textRuns(utf8('abcdef'), { start: 0, end: 6 }, [], { start: 2, end: 4 });
  expect(runs.filter((run) => run.isFocused).map((run) => run.text)).toEqual(['cd']);
});
