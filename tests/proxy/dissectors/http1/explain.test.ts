import { findField, findFields } from '#dissectors/byte-reader.ts';
import type { Field } from '#dissectors/field.ts';
import { explainHttp } from '#dissectors/http1/explain.ts';
import { describe, expect, test } from 'vitest';
import { expectCovered, malformations, textBytes } from '../feeding.ts';

type Kind = 'request' | 'response';

function explained(
  text: string,
  kind: Kind = 'request',
  partial = false,
): { field: Field; said: (field?: Field) => string } {
  const bytes = textBytes(text);
  const field = explainHttp(bytes, kind, partial);
  expectCovered(field, bytes.length);
  const said = (one?: Field) =>
    new TextDecoder().decode(bytes.subarray(one?.range.start ?? 0, one?.range.end ?? 0));
  return { field, said };
}

function request(contentType: string, body: string): string {
  return `POST / HTTP/1.1\r\nContent-Type: ${contentType}\r\nContent-Length: ${textBytes(body).length}\r\n\r\n${body}`;
}

describe('the head', () => {
  test('a request line is taken apart, the query down to its values', () => {
    const { field, said } = explained('GET /a/b?mobile=98%2000&x HTTP/1.1\r\nHost: piggypay.test\r\n\r\n');
    expect(findField(field, 'http.request.method')?.value).toBe('GET');
    expect(findField(field, 'http.request.uri')?.value).toBe('/a/b?mobile=98%2000&x');
    expect(findField(field, 'http.request.uri.path')?.value).toBe('/a/b');
    expect(findField(field, 'plainsight.http.query_value')).toMatchObject({
      label: 'mobile',
      value: '98 00',
    });
    expect(said(findField(field, 'plainsight.http.query_value'))).toBe('98%2000');
    expect(findField(field, 'http.request.version')?.value).toBe('HTTP/1.1');
    expect(findField(field, 'http.host')?.value).toBe('piggypay.test');
    expect(malformations(field)).toEqual([]);
  });

  test('a target whose fifth byte is a slash is still a request', () => {
    expect(findField(explained('GET /x HTTP/1.1\r\n\r\n').field, 'http.request.uri')?.value).toBe('/x');
  });

  test('a status line is taken apart, with a phrase, an empty one or none', () => {
    for (const [line, phrase] of [
      ['HTTP/1.1 200 All fine', 'All fine'],
      ['HTTP/1.1 200 ', ''],
      ['HTTP/1.1 200', ''],
    ]) {
      const { field } = explained(`${line}\r\n\r\n`, 'response');
      expect(findField(field, 'http.response.code')?.value).toBe('200');
      expect(findField(field, 'http.response.phrase')?.value).toBe(phrase);
      expect(malformations(field)).toEqual([]);
    }
  });

  test('header values lose the blanks before them; names are found in any case', () => {
    const { field, said } = explained('GET / HTTP/1.1\r\nAUTHORIZATION: \t Bearer abc\r\nX-Own:\r\n\r\n');
    expect(said(findField(field, 'http.authorization'))).toBe('Bearer abc');
    expect(findField(field, 'http.unknown_header')?.value).toBe('');
  });

  test('cookies are taken apart one by one', () => {
    const { field, said } = explained('GET / HTTP/1.1\r\nCookie: sid=7f3c; theme="a=b"; flag\r\n\r\n');
    expect(findFields(field, 'http.cookie_pair').map(({ value }) => value)).toEqual([
      'sid=7f3c',
      'theme="a=b"',
      undefined,
    ]);
    expect(said(findFields(field, 'plainsight.http.cookie_value')[0])).toBe('7f3c');
  });

  test('Set-Cookie has one cookie and attributes', () => {
    const { field, said } = explained(
      'HTTP/1.1 200 OK\r\nSet-Cookie: sid=7f3c; Path=/; HttpOnly\r\n\r\n',
      'response',
    );
    expect(said(findField(field, 'plainsight.http.set_cookie_pair'))).toBe('sid=7f3c');
    expect(findFields(field, 'plainsight.http.cookie_attribute').map(({ value }) => value)).toEqual([
      'Path=/',
      'HttpOnly',
    ]);
  });

  test('the attributes of a cookie say what they are for', () => {
    const { field } = explained(
      'HTTP/1.1 200 OK\r\nSet-Cookie: sid=7; HttpOnly; SameSite=Lax; Secure; Max-Age=60; Own=x\r\n\r\n',
      'response',
    );
    const attributes = findFields(field, 'plainsight.http.cookie_attribute');
    expect(attributes.map(({ label, value }) => `${label}: ${value}`)).toEqual([
      'HttpOnly: HttpOnly',
      'SameSite: SameSite=Lax',
      'Secure: Secure',
      'Max-Age: Max-Age=60',
      'Own: Own=x',
    ]);
    expect(attributes[0]?.meaning).toContain('Scripts');
    expect(attributes[2]?.meaning).toContain('HTTPS');
    expect(attributes[4]?.meaning).toBeUndefined();
  });

  test('a name and a password in Authorization are read out of base64', () => {
    const { field, said } = explained('GET / HTTP/1.1\r\nAuthorization: Basic YXNoYTptb25zb29uLTQy\r\n\r\n');
    expect(findField(field, 'http.authbasic')?.value).toBe('asha:monsoon-42');
    expect(said(findField(field, 'http.authbasic'))).toBe('YXNoYTptb25zb29uLTQy');
    expect(malformations(explained('GET / HTTP/1.1\r\nAuthorization: Basic ä\r\n\r\n').field)).toEqual([
      'Not base64.',
    ]);
  });

  test.each([
    ['Strict-Transport-Security', 'ignored when it comes over HTTP'],
    ['Content-Security-Policy', 'injected'],
    ['Sec-WebSocket-Key', 'no key in spite of its name'],
    ['Expect', '100 Continue'],
    ['If-None-Match', 'ETag'],
  ])('%s says what it is for', (header, meaning) => {
    const { field } = explained(`GET / HTTP/1.1\r\n${header}: x\r\n\r\n`);
    const values = [findField(field, 'http.unknown_header'), findField(field, 'http.sec_websocket_key')];
    expect(values.find((value) => value)?.meaning).toContain(meaning);
  });

  test.each(['GET\r\n\r\n', 'GET /\r\n\r\n', 'GET / HTTP/1.1\r\nno colon\r\n\r\n'])(
    '%j says what is wrong with it',
    (text) => {
      expect(malformations(explained(text).field)).toHaveLength(1);
    },
  );

  test('a head of nothing but short lines stays bounded', () => {
    const { field } = explained(`GET / HTTP/1.1\r\n${'a:\n'.repeat(20_000)}\n`);
    expect(field.children?.length).toBeLessThan(1100);
    expect(malformations(field)).toHaveLength(1);
  });
});

describe('a JSON body', () => {
  test('leads to every value with its own range', () => {
    const { field, said } = explained(
      request('application/json', '{"mobile":"9800000012", "password" : "monsoon-42","n":[1,true,null,{}]}'),
    );
    const values = findFields(field, 'json.value.string');
    expect(values.map((value) => [value.label, value.value, said(value)])).toEqual([
      ['mobile', '9800000012', '9800000012'],
      ['password', 'monsoon-42', 'monsoon-42'],
    ]);
    expect(findField(field, 'json.value.number')?.value).toBe('1');
    expect(findField(field, 'json.value.true')).toBeDefined();
    expect(malformations(field)).toEqual([]);
  });

  test('undoes escapes in the value and leaves the range as it travels', () => {
    const { field, said } = explained(
      request('application/json', String.raw`{"password":"a\"b\u00e9","größe":"ü"}`),
    );
    const [password, size] = findFields(field, 'json.value.string');
    expect(password?.value).toBe('a"bé');
    expect(said(password)).toBe(String.raw`a\"b\u00e9`);
    expect([size?.label, size?.value]).toEqual(['größe', 'ü']);
  });

  test('an empty text and empty containers have their place', () => {
    const { field } = explained(request('application/json; charset=utf-8', ' { "a" : "" , "b" : [ ] } '));
    expect(findField(field, 'json.value.string')?.value).toBe('');
    expect(malformations(field)).toEqual([]);
  });

  test.each([
    '{"a":1',
    '{"a" 1}',
    '{a:1}',
    '[1,]',
    '"open',
    '{"a":"\\x"}',
    '01',
    'nul',
    '{} {}',
    '{"a":tru}',
    '',
    '[1 2]',
    '-',
    '"\n"',
  ])('%j is not JSON, and said to be so', (body) => {
    const { field } = explained(request('application/json', body));
    expect(malformations(field).length).toBe(body === '' ? 0 : 1);
  });

  test('nesting and number of values are bounded', () => {
    const deep = explained(request('application/json', '['.repeat(5000))).field;
    expect(malformations(deep)).toEqual(['Nested deeper than 32; the rest is not taken apart.']);
    const many = explained(request('application/json', `[${'1,'.repeat(9000)}1]`)).field;
    expect(malformations(many)[0]).toContain('More than 5000 values');
  });

  test('what has not arrived whole is not taken apart', () => {
    const { field } = explained(
      'POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"a":',
      'request',
      true,
    );
    expect(findField(field, 'http.file_data')?.children).toBeUndefined();
    expect(malformations(field)).toEqual([]);
  });
});

describe('other bodies', () => {
  test('a form leads to every value, decoded', () => {
    const { field, said } = explained(
      request('application/x-www-form-urlencoded', 'mobile=98+000&password=mon%73oon%2d42&bad=%zz&&=x&y'),
    );
    const values = findFields(field, 'urlencoded-form.value');
    expect(values.map(({ label, value }) => [label, value])).toEqual([
      ['mobile', '98 000'],
      ['password', 'monsoon-42'],
      ['bad', '%zz'],
      ['', 'x'],
    ]);
    expect(said(values[1])).toBe('mon%73oon%2d42');
  });

  test('a compressed body is not read as what it says to be', () => {
    const text =
      'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}';
    const body = findField(explained(text, 'response').field, 'plainsight.http.encoded_body');
    expect(body?.children).toBeUndefined();
    expect(body?.meaning).toContain('compressed with gzip');
  });

  test('chunks are shown as they travel, and JSON in a single one is taken apart', () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    const single = explained(`${head}f\r\n{"name":"Asha"}\r\n0\r\n\r\n`, 'response');
    expect(findField(single.field, 'json.value.string')?.value).toBe('Asha');
    const two = explained(`${head}2;x=y\r\n{"\r\n3\r\na":\r\n0\r\nX: y\r\n\r\n`, 'response');
    expect(findFields(two.field, 'http.chunk_size').map(({ value }) => value)).toEqual([2, 3, 0]);
    expect(findFields(two.field, 'http.chunk_data').map((chunk) => two.said(chunk))).toEqual(['{"', 'a":']);
    expect([...malformations(single.field), ...malformations(two.field)]).toEqual([]);
  });

  test('the fields behind the last chunk are a trailer', () => {
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
    const { field, said } = explained(`${head}1\r\na\r\n0\r\nX-Sum: 42\r\nX-Two: 2\r\n\r\n`, 'response');
    const trailers = findFields(field, 'http.chunked_trailer_part');
    expect(trailers.map(({ label, value }) => `${label}=${value}`)).toEqual(['X-Sum=42', 'X-Two=2']);
    expect(said(trailers[0])).toBe('X-Sum: 42\r\n');
    expect(malformations(field)).toEqual([]);
  });

  test('a short text is a value, a long one is only named', () => {
    expect(findField(explained(request('text/plain', 'hello')).field, 'data-text-lines')?.value).toBe(
      'hello',
    );
    const { field } = explained(request('text/html', 'x'.repeat(5000)));
    expect(findField(field, 'http.file_data')?.children).toBeUndefined();
  });

  test('a chunk that is cut off is malformed, unless more is to come', () => {
    const text = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc';
    expect(malformations(explained(text, 'response').field)).toHaveLength(1);
    expect(malformations(explained(text, 'response', true).field)).toEqual([]);
  });
});
