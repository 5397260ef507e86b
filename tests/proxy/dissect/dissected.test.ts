import { beforeAll, describe, expect, test } from 'vitest';
import type { LogEvent } from '#contract';
import { hasTool } from '../../support/tools.ts';
import { DissectedCapture } from '../../../proxy/dissect/dissected.ts';
import { jsonLine } from '../../../proxy/dissect/json-lines.ts';
import { plain, treePrinter, treeText } from '../../../proxy/dissect/tree.ts';
import { captured, textChunk } from './captured.ts';
import { capturedLogin, withoutKeys } from './login.ts';

interface Line {
  readonly connection: number;
  readonly client: string;
  readonly server: string;
  readonly direction: string;
  readonly time: number;
  readonly protocol: string;
  readonly source: string;
  readonly name: string;
  readonly bytes: number;
  readonly sealed?: string;
  readonly fields: readonly FieldLine[];
}

interface FieldLine {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly value?: string | number;
  readonly children?: readonly FieldLine[];
}

function linesOf(events: readonly LogEvent[]): readonly Line[] {
  return [...new DissectedCapture(events).messages()].map((dissected) => {
    const text = jsonLine(dissected);
    expect(text.endsWith('}\n')).toBe(true);
    expect(text.trimEnd()).not.toContain('\n');
    return JSON.parse(text) as Line;
  });
}

function leavesCover({ start, end, children }: FieldLine): boolean {
  let at = start;
  for (const child of children ?? []) {
    if (child.start !== at || !leavesCover(child)) return false;
    at = child.end;
  }
  return children === undefined || children.length === 0 || at === end;
}

describe.skipIf(!hasTool('openssl'))('a login in clear and one over TLS', () => {
  let events: readonly LogEvent[] = [];
  let password = '';
  beforeAll(async () => {
    ({ events, password } = await capturedLogin());
  });

  test('without keys: every message on the wire, in order, and no word of what is sealed', () => {
    const lines = linesOf(withoutKeys(events));
    expect(lines.slice(0, 3).map(({ name, source }) => ({ name, source }))).toEqual([
      { name: 'POST /login?from=caf%C3%A9', source: 'wire' },
      { name: '200 Fine', source: 'wire' },
      { name: 'Body, put together from 2 chunks', source: 'decoded' },
    ]);
    expect(lines[0]).toMatchObject({
      ...{ connection: 1, client: '127.0.0.1:50001', server: 'own.test:80', direction: 'client-to-server' },
      ...{ protocol: 'http1', time: 2e6 },
    });
    const sealed = lines.filter(({ connection }) => connection === 2);
    expect(sealed.map(({ name }) => name).slice(0, 2)).toEqual(['ClientHello', 'ServerHello']);
    expect(sealed.every(({ protocol, source }) => protocol === 'tls' && source !== 'decrypted')).toBe(true);
    expect(JSON.stringify(sealed)).not.toMatch(/correct.horse/);
    expect(sealed.some((line) => line.sealed !== undefined)).toBe(false);
  });

  test('with keys: below each sealed record what was inside it, and each message once', () => {
    const lines = linesOf(events).filter(({ connection }) => connection === 2);
    const opened = lines.filter(({ source }) => source === 'decrypted');
    expect(opened.filter(({ protocol }) => protocol === 'http1').map(({ name }) => name)).toEqual([
      'POST /login?from=caf%C3%A9',
      '200 Fine',
    ]);
    expect(JSON.stringify(opened)).toContain(`"value":"${password}"`);
    expect(opened.map(({ name }) => name)).toContain('Handshake, decrypted');
    expect(lines.map(({ name }) => name)).toContain('Body, put together from 2 chunks');
    const wire = lines.filter(({ source }) => source === 'wire').map(({ name }) => name);
    expect(wire).toEqual(
      linesOf(withoutKeys(events))
        .filter(({ connection, source }) => connection === 2 && source === 'wire')
        .map(({ name }) => name),
    );
  });

  test('every byte of every line is covered by a leaf', () => {
    for (const { bytes, fields } of linesOf(events)) {
      expect(fields).toHaveLength(1);
      expect(fields[0]).toMatchObject({ start: 0, end: bytes });
      expect(fields.every(leavesCover)).toBe(true);
    }
  });

  test('a record that stays sealed though keys were lent says why', () => {
    const cut = events.filter(
      (event) => event.type !== 'secrets-logged' || !event.line.startsWith('CLIENT_TRAFFIC_SECRET_0'),
    );
    const reasons = linesOf(cut).flatMap(({ sealed }) => sealed ?? []);
    expect(new Set(reasons)).toEqual(
      new Set(['The key log has no CLIENT_TRAFFIC_SECRET_0 for this connection.']),
    );
  });

  test('in the tree, why records stay sealed stands under the first of the connection alone', () => {
    const others = events.map((event) =>
      event.type === 'secrets-logged'
        ? { ...event, line: event.line.replace(/ [0-9a-f]{64} /, ` ${'ab'.repeat(32)} `) }
        : event,
    );
    const sealed = [...new DissectedCapture(others).messages()].filter((one) => one.sealed !== undefined);
    expect(sealed.length).toBeGreaterThan(3);
    const text = sealed.map(treePrinter(plain)).join('');
    expect(text.split('No line of the key log is for this connection').length - 1).toBe(1);
    expect(text.split('Application Data').length - 1).toBeGreaterThanOrEqual(sealed.length);
  });
});

test('the tree is indented by depth, with values, ranges and what is malformed', () => {
  const events = captured([
    { port: 80, chunks: [textChunk('client-to-server', 'GET /a HTTP/1.1\r\nHost: own.test\r\n\r\n')] },
  ]);
  const [dissected] = new DissectedCapture(events).messages();
  if (!dissected) throw new Error('nothing there');
  const lines = treeText(dissected, plain).split('\n');
  expect(lines[0]).toBe('0.002000  #1  127.0.0.1:50001 → own.test:80  GET /a  (35 bytes, wire)');
  expect(lines).toContain('    Request line  http.request 0–17');
  expect(lines).toContain('      Method: GET  http.request.method 0–3');
  expect(lines.slice(-2)).toEqual(['', '']);
});

test('nothing from the wire can move the cursor, colour the terminal or turn the line around', () => {
  const hostile = 'GET /\x1b]0;owned\x07\x9b31m HTTP/1.1\r\nHost: \u202eevil\r\nX: \u2028y\r\n\r\n';
  const events = captured([{ port: 80, chunks: [textChunk('client-to-server', hostile)] }]);
  const [dissected] = new DissectedCapture(events).messages();
  if (!dissected) throw new Error('nothing there');
  const text = treeText(dissected, plain);
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0).filter((code) => code !== 10);
  expect(codes.filter((code) => code < 32 || (code >= 127 && code < 160))).toEqual([]);
  expect(text).not.toMatch(/[\u202a-\u202e\u2028\u2029]/u);
  expect(text).toContain('\\x1b');
});
