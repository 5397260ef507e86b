import { expect, test } from 'vitest';
import { connectionBytes } from '../../../dashboard/src/lib/format/attacks/connection-bytes.ts';
import { deedWords, isLengthAround } from '../../../dashboard/src/lib/format/attacks/deed-words.ts';
import { differenceOf, type Piece, readText } from '../../../dashboard/src/lib/format/attacks/difference.ts';
import { tellingFirst } from '../../../dashboard/src/lib/format/attacks/telling.ts';
import { conceal } from '../../../dashboard/src/lib/format/mask.ts';
import { hex, utf8 } from '../support/bytes.ts';
import { TestCapture } from '../support/capture.ts';
import { deed } from './board.ts';

const asIs = (text: string) => text;

/** With what differs in brackets. */
function line(pieces: readonly Piece[]): string {
  return pieces.map(({ text, isChanged }) => (isChanged ? `[${text}]` : text)).join('');
}

test('a text differs in whole words, in more places than one', () => {
  const { kind, before, after } = differenceOf(
    utf8('{"payee":"Meera","amount":100}'),
    utf8('{"payee":"Crook","amount":9900}'),
    asIs,
  );
  expect(kind).toBe('text');
  expect(line(before)).toBe('{"payee":"[Meera]","amount":[100]}');
  expect(line(after)).toBe('{"payee":"[Crook]","amount":[9900]}');
});

test('what was put in is marked on one side alone', () => {
  const { before, after } = differenceOf(utf8('<body><p>'), utf8('<body><b>ha</b><p>'), asIs);
  expect(line(before)).toBe('<body><p>');
  expect(after.filter(({ isChanged }) => isChanged).map(({ text }) => text)).toEqual(['<b>ha</b>']);
});

test('one flipped bit of sealed bytes is found and named', () => {
  const { kind, before, after, bit } = differenceOf(hex('17 03 03 3f 80'), hex('17 03 03 3e 80'), asIs);
  expect(kind).toBe('hex');
  expect(line(before)).toBe('17 03 03 [3f] 80');
  expect(line(after)).toBe('17 03 03 [3e] 80');
  expect(bit).toBe('one bit: 0011 1111 became 0011 1110');
  expect(differenceOf(hex('ff 00'), hex('fc 00'), asIs).bit).toBeUndefined();
});

test('what is long and the same is cut short, what differs stays', () => {
  const same = 'a '.repeat(2000);
  const { before, after } = differenceOf(utf8(`${same}x ${same}`), utf8(`${same}y ${same}`), asIs);
  for (const [pieces, letter] of [
    [before, 'x'],
    [after, 'y'],
  ] as const) {
    expect(pieces.filter(({ isChanged }) => isChanged).map(({ text }) => text)).toEqual([letter]);
    expect(pieces.map(({ text }) => text).join('').length).toBeLessThan(150);
  }
});

test('two long texts without anything in common are compared at once, not for ever', () => {
  const [one, other] = ['b ', 'c-'].map((part) => utf8(part.repeat(50_000)));
  if (!one || !other) throw new Error('both are there');
  const { before, after } = differenceOf(one, other, asIs);
  expect([before, after].flat().every(({ text }) => text.length < 500)).toBe(true);
});

test('what may not be shown is hidden before anything is compared', () => {
  const shown = (text: string) => conceal(text, ['hunter2-secret']);
  const { before, after } = differenceOf(utf8('pw=hunter2-secret&a=1'), utf8('pw=hunter2-Xecret&a=2'), shown);
  expect(line(before)).not.toContain('secret');
  expect(line(after)).toContain('2');
});

test('a connection is looked at where the client spoke last, or else at its beginning', () => {
  const capture = new TestCapture().httpLogin('monsoon-42');
  const { lanes } = capture.fold.view();
  const login = lanes.http.messages.find(({ title }) => title === 'POST /api/v1/login');
  expect(connectionBytes(capture.fold.view(), 1)).toMatchObject({ start: login?.start, end: login?.end });
  expect(connectionBytes(capture.fold.view(), 7)).toMatchObject({ connection: 7, start: 0 });
});

test('what was taken out of a ClientHello is named, and so are the lengths around it', () => {
  const bytes = (text: string) => Uint8Array.from(text.split(' '), (pair) => parseInt(pair, 16));
  const taken = deed({
    attack: 'downgrade',
    before: bytes('00 07 06 7a 7a 03 04 03 03'),
    after: bytes('00 05 04 7a 7a 03 03'),
  });
  expect(deedWords(taken)).toEqual({
    field: 'supported_versions, an extension of the ClientHello',
    ...{ before: 'GREASE, TLS 1.3, TLS 1.2', after: 'GREASE, TLS 1.2' },
  });
  expect(isLengthAround(taken)).toBe(false);
  const length = deed({ attack: 'downgrade', before: bytes('01 20'), after: bytes('01 1e') });
  expect(isLengthAround(length)).toBe(true);
  expect(deedWords(length)).toEqual({ field: 'A length around it' });
});

test('two answers to a look-up are told by their addresses', () => {
  const answer = (last: number) =>
    // ID, flags, one question and one answer; a.test, A, IN; the same by reference, a minute, four bytes (RFC 1035, 4.1).
    Uint8Array.from([
      ...[0x12, 0x34, 0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0x61, 4, 0x74, 0x65, 0x73, 0x74, 0, 0, 1, 0, 1],
      ...[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, last],
    ]);
  const forged = deed({ attack: 'forge-name', before: answer(1), after: answer(9) });
  expect(deedWords(forged)).toMatchObject({ before: '127.0.0.1', after: '127.0.0.9' });
  const late = deed({ attack: 'forge-name', before: Uint8Array.of(1, 2), after: answer(9) });
  expect(deedWords(late)).toMatchObject({ before: 'none', after: '127.0.0.9' });
});

test('a length of the body is named where nothing else was changed', () => {
  expect(deedWords(deed({ before: utf8('30'), after: utf8('112') })).field).toContain('Content-Length');
  expect(deedWords(deed({ before: utf8('7'), after: utf8('6') }))).toEqual({});
  expect(deedWords(deed({ before: utf8('gzip, br'), after: utf8('identity') })).field).toContain('Accept');
});

test('of a login with a browser’s long head the body is read, password and all', () => {
  const head = `POST /api/v1/login HTTP/1.1\r\nHost: piggypay.test\r\nUser-Agent: ${'Browser '.repeat(90)}`;
  const login = utf8(`${head}\r\n\r\n{"mobile":"9800000012","password":"monsoon-42"}`);
  const text = readText(login, asIs);
  expect(text).toMatch(/^POST \/api\/v1\/login HTTP\/1\.1\nHost: piggypay\.test\n/);
  expect(text).toMatch(/ …\n\n\{"mobile":"9800000012","password":"monsoon-42"\}$/);
  expect(text.length).toBeLessThan(440);
  expect(readText(login, (line) => conceal(line, ['monsoon-42']))).not.toContain('monsoon-42');
  const page = readText(utf8(`HTTP/1.1 200 OK\r\nServer: it\r\n\r\n${'<p>'.repeat(900)}`), asIs, 160);
  expect(page).toMatch(/^HTTP\/1\.1 200 OK\nServer: it\n\n<p>.* …$/s);
  expect(page.length).toBeLessThan(170);
});

test('what tells most stands first: a changed order, then what was changed, then what was read', () => {
  const read = (before: string, direction: 'client-to-server' | 'server-to-client' = 'client-to-server') => {
    const { epoch, seq, time, vantage, type, attack } = deed();
    return { epoch, seq, time, vantage, type, attack, direction, before: utf8(before) };
  };
  const deeds = [
    read('GET / HTTP/1.1'),
    deed({ before: utf8('gzip, deflate'), after: utf8('identity') }),
    deed({ before: utf8('14193'), after: utf8('14396') }),
    read('}'),
    read('HTTP/1.1 200 OK', 'server-to-client'),
    read('POST /api/v1/login HTTP/1.1\r\n\r\n{"password":"monsoon-42"}'),
    deed({ before: utf8('<body>'), after: utf8('<body><table>') }),
    deed({ before: hex('10'), after: hex('11') }),
    deed(),
  ].map((each, seq) => ({ ...each, seq }));
  expect(tellingFirst(deeds).map(({ seq }) => seq)).toEqual([8, 7, 6, 1, 2, 5, 0, 4, 3]);
});

test('of bytes, all that lies between what is the same at both ends has changed', () => {
  const pairs = (text: string) => Uint8Array.from(text.split(' '), (pair) => parseInt(pair, 16));
  const shorter = differenceOf(pairs('00 05 04 03 04 03 03'), pairs('00 03 02 03 03'), undefined);
  expect(line(shorter.before)).toBe('00 [05 04 03 04] 03 03');
  expect(line(shorter.after)).toBe('00 [03 02] 03 03');
  const same = differenceOf(pairs('01 02 03 04 05'), pairs('01 12 03 04 15'), undefined);
  expect(line(same.after)).toBe('01 [12] 03 04 [15]');
});
