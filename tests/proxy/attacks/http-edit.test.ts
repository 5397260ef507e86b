import { expect, test } from 'vitest';
import { HttpEdit } from '../../../proxy/attacks/http-edit.ts';

function edited(head: string): HttpEdit {
  const bytes = Buffer.from(head, 'latin1');
  return new HttpEdit({ http: { headLength: bytes.length } }, bytes);
}

test.each([
  ['gzip', 'Accept-Encoding: gzip\r\n'],
  ['gzip, br', 'accept-encoding:\t gzip, br \t\r\n'],
  ['gzip', 'ACCEPT-ENCODING:gzip\n'],
  ['', 'Accept-Encoding: \t \r\n'],
])('a field’s value is %o in %o, without the blanks around it', (value, line) => {
  const head = `GET / HTTP/1.1\r\nHost: a\r\n${line}\r\n`;
  const field = edited(head).field('accept-encoding');
  expect(field?.value).toBe(value);
  expect(head.slice(field?.start, field?.end)).toBe(value);
  expect(head.slice(field?.lineStart).startsWith(line)).toBe(true);
});

test('another field, and one whose line does not end, is none', () => {
  expect(edited('GET / HTTP/1.1\r\nX-Accept-Encoding: a\r\n\r\n').field('accept-encoding')).toBeUndefined();
  expect(edited('GET / HTTP/1.1\r\nAccept-Encoding: a').field('accept-encoding')).toBeUndefined();
});

test.each(['b\r\n', 'b\rc\r\n'])('a head full of blanks, then %o, is read in no time', (rest) => {
  const edit = edited(`GET / HTTP/1.1\r\nAccept-Encoding: a${' '.repeat(47_000)}${rest}\r\n`);
  const before = process.cpuUsage();
  edit.field('accept-encoding');
  // A pattern with two ways to take a blank needs seconds of the processor, whoever else has it meanwhile.
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(500);
});
