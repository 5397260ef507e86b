import { describe, expect, test } from 'vitest';
import { explainHttp } from '#dissectors/http1/explain.ts';
import type { Dissection, Field } from '#dissectors/field.ts';
import { explainFrame, explainUnmasked } from '#dissectors/websocket/explain.ts';
import type { FrameSummary } from '#dissectors/websocket/frame-message.ts';
import { deskAnswer, greeting } from '../../../demo-sites/piggypay/support/desk.ts';
import { fieldWords } from '../../../dashboard/src/lib/format/inspector/field-words.ts';
import { treeRows } from '../../../dashboard/src/lib/format/inspector/tree-rows.ts';
import { legendOf } from '../../../dashboard/src/lib/format/legend.ts';
import { isLabLine, isLabQuotation, SCRIPTED_LINE } from '../../../dashboard/src/lib/format/lab-lines.ts';
import { marksIn, type Known } from '../../../dashboard/src/lib/format/marks.ts';
import { secretCalled } from '../../../dashboard/src/lib/format/secret-names.ts';
import { shownText } from '../../../dashboard/src/lib/format/shown-text.ts';
import { textRuns } from '../../../dashboard/src/lib/format/text-runs.ts';
import { message, PERSONA, utf8 } from '../support/bytes.ts';

/** A connection of which no end told anything. */
const KNOWN: Known = { hits: [], findings: [], hiddenTexts: [], persona: PERSONA, revealed: false };

function http(text: string, kind: 'request' | 'response' = 'request', partial = false): Dissection {
  const bytes = utf8(text);
  return { source: 'wire', bytes, field: explainHttp(bytes, kind, partial) };
}

function post(type: string, body: string): Dissection {
  const head = `POST /in HTTP/1.1\r\nHost: own.test\r\nContent-Type: ${type}\r\n`;
  return http(`${head}Content-Length: ${String(utf8(body).length)}\r\n\r\n${body}`);
}

/** All that the inspector and the lanes would show of a dissection: as text, as a tree and as a legend. */
function shownOf(dissection: Dissection, changes: Partial<Known> = {}, fromClient = true): string {
  const known = { ...KNOWN, ...changes };
  const { bytes, field } = dissection;
  const shown = (text: string) => shownText(text, known);
  const direction = fromClient ? ('client-to-server' as const) : ('server-to-client' as const);
  const marks = marksIn(message({ end: bytes.length, direction }), dissection, known);
  const words = (one: Field) => fieldWords(one, bytes, marks, shown);
  const rows = treeRows(field, () => true).map((row) => words(row.field));
  const legend = legendOf(dissection, (one) => words(one).says).map(({ says }) => says);
  const text = textRuns(bytes, { start: 0, end: bytes.length }, marks).map((run) => run.text);
  return [text.join(''), ...rows.map((row) => JSON.stringify(row)), ...legend].join('\n');
}

const BASIC = btoa('carol:hunter2-secret');

describe.each([
  ['JSON', post('application/json', '{"user":{"newPassword":"hunter2-secret"}}')],
  ['an array in JSON', post('application/json', '{"passwords":["a-long-one","hunter2-secret"]}')],
  ['a form', post('application/x-www-form-urlencoded', 'x=1&user%5Bpassword%5D=hunter2-secret')],
  ['a form, encoded', post('application/x-www-form-urlencoded', 'pwd=hunter2%2Dsecret')],
  [
    'a form with files',
    post(
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="passphrase"\r\n\r\nhunter2-secret\r\n--b--\r\n',
    ),
  ],
  ['a query', http('GET /login?password=hunter2-secret HTTP/1.1\r\nHost: own.test\r\n\r\n')],
  [
    'the address that led there',
    http('GET / HTTP/1.1\r\nReferer: http://own.test/?pin=hunter2-secret\r\n\r\n'),
  ],
  ['Basic', http(`GET / HTTP/1.1\r\nAuthorization: Basic ${BASIC}\r\n\r\n`)],
  ['Bearer', http('GET / HTTP/1.1\r\nAuthorization: Bearer hunter2-secret\r\n\r\n')],
  ['a header', http('GET / HTTP/1.1\r\nX-Api-Key: hunter2-secret\r\n\r\n')],
  ['a body of no known type', post('text/plain', 'secret = hunter2-secret')],
  [
    'JSON that still arrives',
    http(
      'POST /in HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"password":"hunter2-secret',
      'request',
      true,
    ),
  ],
])('what is somebody’s in %s', (_, dissection) => {
  test('is half hidden, though no end told that it was typed, until it is revealed', () => {
    expect(shownOf(dissection)).not.toMatch(/[-D]secret/);
    expect(shownOf(dissection)).not.toContain(BASIC);
    expect(shownOf(dissection)).toContain('•');
    expect(shownOf(dissection, { revealed: true })).toMatch(/secret/);
    expect(shownOf(dissection, { revealed: true })).not.toContain('•');
  });
});

test('a token that a site answers with is half hidden too', () => {
  const body = '{"access_token":"abcdef-secret"}';
  const answer = http(
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`,
    'response',
  );
  expect(shownOf(answer, {}, false)).not.toContain('-secret');
});

test('what belongs to the persona is shown at once, in every form', () => {
  const { mobile, password } = PERSONA;
  const claims = btoa(JSON.stringify({ sub: mobile }));
  for (const dissection of [
    post('application/json', JSON.stringify({ mobile, password })),
    http(`GET /?mobile=${mobile}&password=${password} HTTP/1.1\r\n\r\n`),
    http(`GET / HTTP/1.1\r\nAuthorization: Basic ${btoa(`${mobile}:${password}`)}\r\n\r\n`),
    http(`GET / HTTP/1.1\r\nAuthorization: Bearer eyJh.${claims.replaceAll('=', '')}.c2ln\r\n\r\n`),
  ])
    expect(shownOf(dissection)).not.toContain('•');
  expect(shownOf(post('application/json', JSON.stringify({ password })), { persona: undefined })).toContain(
    '•',
  );
});

test('a page that asks for a password, and what is called otherwise, hides nothing', () => {
  const page = '<input type="password" name="password"> <script>password: 1</script>';
  const answer = http(
    `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${String(page.length)}\r\n\r\n${page}`,
    'response',
  );
  expect(shownOf(answer, {}, false)).not.toContain('•');
  expect(shownOf(post('application/json', '{"amount":12,"pinned":"yes","compass":"north"}'))).not.toContain(
    '•',
  );
});

/** A text frame of a client, with the mask that RFC 6455, 5.7 uses. */
function masked(text: string): Uint8Array {
  const key = [0x37, 0xfa, 0x21, 0x3d];
  const payload = utf8(text).map((byte, at) => byte ^ (key[at % 4] ?? 0));
  return Uint8Array.of(0x81, 0x80 | payload.length, ...key, ...payload);
}

function frameOf(fromClient: boolean, payloadLength: number): FrameSummary {
  const head = { masked: fromClient, headLength: fromClient ? 6 : 2, payloadLength, faults: [] };
  return { fromClient, opcode: 1, kind: 'text', part: 'whole', compressed: false, ...head };
}

function frames(text: string): readonly Dissection[] {
  const bytes = masked(text);
  const frame = frameOf(true, bytes.length - 6);
  const undone = explainUnmasked(bytes, frame);
  if (!undone) throw new Error('there is a mask');
  return [{ source: 'wire', bytes, field: explainFrame(bytes, frame) }, undone];
}

function answered(text: string): Dissection {
  const bytes = Uint8Array.of(0x81, utf8(text).length, ...utf8(text));
  const frame = frameOf(false, bytes.length - 2);
  return { source: 'wire', bytes, field: explainFrame(bytes, frame) };
}

test('a line in a chat is half hidden, from its first number on, also where its mask could be undone', () => {
  const [wire, undone] = frames('my PIN is 4711, keep it');
  if (!wire || !undone) throw new Error('two ways to look at it');
  expect(shownOf(undone)).not.toMatch(/4711|keep it/);
  expect(shownOf(undone, { revealed: true })).toContain('4711');
  const [mark] = marksIn(message({ end: wire.bytes.length }), wire, KNOWN);
  expect(mark?.hidden).toEqual({ start: 6, end: wire.bytes.length });
  expect(shownOf(frames('{"say":"four-seven-eleven"}')[1] ?? undone)).not.toContain('eleven');
});

test('the scripted line and the desk’s own answers are the lab’s; a repeated question is not', () => {
  const account = {
    name: 'Asha',
    balance: 1_248_050,
    currency: 'INR',
    payments: [{ who: 'Chai Point', what: 'tea', amount: -4000 }],
  } as unknown as NonNullable<Parameters<typeof greeting>[0]>;
  const asked = ['password?', 'balance', 'payments', SCRIPTED_LINE, 'thanks', 'hello'];
  const lines = [undefined, account].flatMap((who) => [
    greeting(who),
    ...asked.map((line) => deskAnswer(line, who)),
  ]);
  for (const line of lines) {
    expect([line, isLabLine(line, 'desk')]).toEqual([line, true]);
    const cut = line.length > 40 ? `${line.slice(0, 39)}…` : line;
    expect([cut, isLabQuotation(cut)]).toEqual([cut, true]);
    expect(shownOf(answered(line), {}, false)).not.toContain('•');
  }
  expect(shownOf(frames(SCRIPTED_LINE)[1] ?? answered(''))).not.toContain('•');
  const echo = shownOf(answered(deskAnswer('I live at forty-two', undefined)), {}, false);
  expect(echo).toContain('You wrote “');
  expect(echo).not.toContain('forty-two');
  expect(shownOf(answered(deskAnswer('4711', undefined)), {}, false)).not.toContain('4711');
});

test.each([
  ['GET /login?user=carol&password=hunter2-secret', 'GET /login?user=ca•••&password=hunter2•••••••'],
  ['GET /?a=1&PIN=4711#x', 'GET /?a=1&PIN=47••#x'],
  ['GET /?password=monsoon-42', 'GET /?password=monsoon-42'],
  ['GET /?p%61ssword=hunter2', 'GET /?p%61ssword=hun••••'],
  ['GET /?q=tea&sort=up', 'GET /?q=tea&sort=up'],
  ['Text “my PIN is 4711”', 'Text “my PIN •••••••”'],
  ['Text “tell nobody”', 'Text “tell ••••••”'],
  ['Text “When are you open?”', 'Text “When are you open?”'],
  ['Text “You wrote “4711”. I know about your bal…”', 'Text “You wrote “••••”. I know about your bal…”'],
  ['Text “You wrote “something long and secret as…”', /^Text “You wrote “something long•+…”$/],
])('the title %j reads %j', (title, expected) => {
  const shown = shownText(title, KNOWN);
  if (typeof expected === 'string') expect(shown).toBe(expected);
  else expect(shown).toMatch(expected);
  expect(shownText(title, { ...KNOWN, revealed: true })).toBe(title);
  // Where it is shown a second time, it stays what it was.
  expect(shownText(shown, KNOWN)).toBe(shown);
});

test.each([
  ['password', 'password'],
  ['userPwd', 'password'],
  ['card[pin]', 'typed'],
  ['client_secret', 'typed'],
  ['refreshToken', 'token'],
  ['e-mail', undefined],
  ['email', 'mobile'],
  ['shipping', undefined],
  ['bypass', undefined],
])('a value called %s is %s', (name, kind) => {
  expect(secretCalled(name, true)).toBe(kind);
});
