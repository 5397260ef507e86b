import { dissectBytes, findFields } from '#dissectors/byte-reader.ts';
import type { Field } from '#dissectors/field.ts';
import { contentReader, parseContentType } from '#dissectors/content/typed.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectCovered, malformations, textBytes } from '../feeding.ts';

function explained(text: string, boundary = 'b'): Field {
  const bytes = textBytes(text);
  const read = contentReader(parseContentType(`Multipart/Form-Data; boundary=${boundary}`), bytes.length);
  const field = dissectBytes(bytes, 'http.file_data', 'Body', (reader) => read?.(reader));
  expectCovered(field, bytes.length);
  return field;
}

function part(name: string, value: string, more = ''): string {
  return `--b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`;
}

describe('a multipart body', () => {
  test('leads to every value under its name', () => {
    const field = explained(`${part('mobile', '9800000012')}${part('password', 'monsoon\r\n--42')}--b--\r\n`);
    const values = findFields(field, 'plainsight.multipart.value');
    expect(values.map(({ label, value }) => [label, value])).toEqual([
      ['mobile', '9800000012'],
      ['password', 'monsoon\r\n--42'],
    ]);
    expect(malformations(field)).toEqual([]);
  });

  test('has its boundaries, a preamble and what lies behind under Wireshark’s names', () => {
    const field = explained(`hello\r\n${part('a', '1')}${part('b', '')}--b--\r\nbye`);
    const names = ['preamble', 'first_boundary', 'boundary', 'last_boundary', 'trailer'];
    expect(names.map((name) => findFields(field, `mime_multipart.${name}`).length)).toEqual([1, 1, 1, 1, 1]);
    expect(malformations(field)).toEqual([]);
  });

  test('keeps the headers of a file apart from it', () => {
    const type = '; filename="card.bin"\r\nContent-Type: application/octet-stream\r\nX-Own: y';
    const field = explained(`${part('card', 'x'.repeat(9000), type)}--b--`);
    expect(findFields(field, 'mime_multipart.header.content-type')[0]?.value).toBe(
      'application/octet-stream',
    );
    expect(findFields(field, 'plainsight.multipart.header')[0]?.value).toBe('y');
    expect(findFields(field, 'plainsight.multipart.value')[0]).toMatchObject({ label: 'card' });
  });

  test('takes a boundary in quotes', () => {
    expect(malformations(explained(`${part('a', '1')}--b--`, '"b"'))).toEqual([]);
  });

  test.each([
    ['that lacks its boundary', 'nothing here', 'does not occur'],
    ['that lacks its end', part('a', '1'), 'last boundary is missing'],
    ['of parts by the thousand', '--b\r\n\r\n'.repeat(5000), 'More than 200 parts'],
  ])('%s says so', (_case, text, reason) => {
    expect(malformations(explained(text))[0]).toContain(reason);
  });

  test('of any bytes is covered by leaves', () => {
    const pieces = fc.constantFrom(
      '--b',
      '--b--',
      '\r\n',
      '\n',
      'a: b',
      'x',
      '-',
      'Content-Disposition: name="q"',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        explained(parts.join(''));
      }),
      { numRuns: 1000 },
    );
  });
});
