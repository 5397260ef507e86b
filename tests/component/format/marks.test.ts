import { expect, test } from 'vitest';
import type { Dissection } from '#dissectors/field.ts';
import { marksAgain, marksIn, type Known } from '../../../dashboard/src/lib/format/marks.ts';
import { message, PERSONA, utf8 } from '../support/bytes.ts';

const NOTHING: Known = { hits: [], findings: [], hiddenTexts: [], persona: PERSONA, revealed: false };
/** Bytes that no dissector took apart. */
function raw(bytes: Uint8Array, name = 'data'): Dissection {
  return { source: 'wire', bytes, field: { name, label: 'Bytes', range: { start: 0, end: bytes.length } } };
}

const STREAM = { connection: 1, direction: 'client-to-server' } as const;

test('marks where the password was found, counted from the first byte of the message', () => {
  const bytes = utf8('{"password":"monsoon-42"}');
  const shown = message({ start: 200, end: 200 + bytes.length });
  const hits = [{ kind: 'password' as const, ...STREAM, start: 213, end: 223 }];
  expect(marksIn(shown, raw(bytes), { ...NOTHING, hits })).toEqual([
    { kind: 'password', start: 13, end: 23 },
  ]);
});

test('half-hides what is not the persona’s, until it is revealed', () => {
  const bytes = utf8('{"password":"hunter2x"}');
  const hits = [{ kind: 'password' as const, ...STREAM, start: 13, end: 21 }];
  const shown = message({ end: bytes.length });
  expect(marksIn(shown, raw(bytes), { ...NOTHING, hits })[0]?.hidden).toEqual({ start: 17, end: 21 });
  expect(marksIn(shown, raw(bytes), { ...NOTHING, hits, revealed: true })[0]?.hidden).toBeUndefined();
});

test('half-hides what was typed wherever it stands, found by the search or not', () => {
  const bytes = utf8('GET /?q=hunter2x HTTP/1.1');
  const marks = marksIn(message({ end: bytes.length }), raw(bytes), {
    ...NOTHING,
    hiddenTexts: ['hunter2x'],
  });
  expect(marks).toEqual([{ kind: 'password', start: 8, end: 16, hidden: { start: 12, end: 16 } }]);
});

test('leaves the same range of the other direction or of another connection alone', () => {
  const bytes = utf8('monsoon-42');
  const hits = [
    { kind: 'password' as const, ...STREAM, connection: 2, start: 0, end: 10 },
    { kind: 'password' as const, ...STREAM, direction: 'server-to-client' as const, start: 0, end: 10 },
  ];
  expect(marksIn(message({ end: 10 }), raw(bytes), { ...NOTHING, hits })).toEqual([]);
});

test('marks the cookie again where a later request sends it', () => {
  const bytes = utf8('GET / HTTP/1.1\r\nCookie: sid=7f3c\r\n\r\n');
  const cookie = { kind: 'cookie', status: 'read', value: 'sid=7f3c' } as const;
  const findings = [{ ...cookie, ...STREAM, start: 900, end: 908 }];
  const marks = marksIn(message({ end: bytes.length }), raw(bytes), { ...NOTHING, findings });
  expect(marks).toEqual([{ kind: 'cookie', start: 24, end: 32 }]);
});

test('marks nothing in sealed bytes but what the search found there', () => {
  const bytes = utf8('..a.ab..hunter2x..hunter2x..');
  const sealed = message({ end: bytes.length, sealed: true, protocol: 'tls', kind: 'record' });
  const hiddenTexts = ['hunter2x', 'ab', 'a'];
  expect(marksIn(sealed, raw(bytes, 'tls.record'), { ...NOTHING, hiddenTexts })).toEqual([]);
  const hits = [{ kind: 'password' as const, ...STREAM, start: 18, end: 26 }];
  expect(marksIn(sealed, raw(bytes, 'tls.record'), { ...NOTHING, hiddenTexts, hits })).toEqual([
    { kind: 'password', start: 18, end: 26, hidden: { start: 22, end: 26 } },
  ]);
});

test('hides a short typed text where it can be read, and does not call it a password', () => {
  const bytes = utf8('{"pin":"xy"}');
  const known = { ...NOTHING, hiddenTexts: ['xy'] };
  expect(marksIn(message({ end: bytes.length }), raw(bytes), known)).toEqual([
    { kind: 'typed', start: 8, end: 10, hidden: { start: 9, end: 10 } },
  ]);
  const hello = message({ end: bytes.length, protocol: 'tls', kind: 'record' });
  expect(marksIn(hello, raw(bytes, 'tls.record'), known)).toEqual([]);
});

test('calls a short text a password where the stranger reads it as one', () => {
  const bytes = utf8('{"password":"xy"}');
  const findings = [
    { kind: 'password', status: 'read', value: 'xy', ...STREAM, start: 13, end: 15 } as const,
  ];
  expect(
    marksIn(message({ end: bytes.length }), raw(bytes), { ...NOTHING, findings, hiddenTexts: ['xy'] }),
  ).toEqual([{ kind: 'password', start: 13, end: 15, hidden: { start: 14, end: 15 } }]);
});

test('shows the token of the persona’s own login, and half-hides any other', () => {
  const bytes = utf8('{"token":"eyJhbGciOi.J9"}');
  const place = { ...STREAM, direction: 'server-to-client', start: 10, end: 23 } as const;
  const token = { kind: 'token', status: 'read', value: 'eyJhbGciOi.J9', ...place } as const;
  const login = {
    kind: 'password',
    status: 'read',
    value: 'monsoon-42',
    ...STREAM,
    start: 900,
    end: 910,
  } as const;
  const answer = message({ end: bytes.length, direction: 'server-to-client' });
  const marks = (value: string) =>
    marksIn(answer, raw(bytes), { ...NOTHING, findings: [{ ...login, value }, token] });
  expect(marks('monsoon-42')).toEqual([{ kind: 'token', start: 10, end: 23 }]);
  expect(marks('another')).toEqual([{ kind: 'token', start: 10, end: 23, hidden: { start: 16, end: 23 } }]);
});

test('what overlaps is one mark, hidden wherever either was', () => {
  const bytes = utf8('say monsoon-42 to hunter2x');
  const hits = [{ kind: 'password' as const, ...STREAM, start: 4, end: 14 }];
  const known = { ...NOTHING, hits, hiddenTexts: ['monsoon-42 to hunter2x'] };
  expect(marksIn(message({ end: bytes.length }), raw(bytes), known)).toEqual([
    { kind: 'password', start: 4, end: 26, hidden: { start: 15, end: 26 } },
  ]);
});

test('finds what is hidden in one kind of bytes again in another', () => {
  const mark = { kind: 'typed' as const, start: 2, end: 8, hidden: { start: 4, end: 8 } };
  expect(marksAgain([mark], utf8('..secret'), utf8('the secret of it'), [])).toEqual([
    { kind: 'typed', start: 4, end: 10, hidden: { start: 6, end: 10 } },
  ]);
  expect(marksAgain([{ ...mark, end: 4 }], utf8('..secret'), utf8('these'), [])).toEqual([]);
});
