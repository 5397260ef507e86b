import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { encode } from 'dns-packet';
import { findField, findFields } from '#dissectors/byte-reader.ts';
import { explainContent } from '#dissectors/http1/content.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readVector, streamOf } from '../../../vectors/vector.ts';
import { dissect, expectCovered, malformations, textBytes } from '../feeding.ts';

const JSON_TEXT = '{"name":"Asha","balance":4200}';

function response(fields: string, body: Uint8Array): Uint8Array {
  return Uint8Array.from([...textBytes(`HTTP/1.1 200 OK\r\n${fields}\r\n`), ...body]);
}

function chunked(pieces: readonly Uint8Array[], end = '0\r\n\r\n'): Uint8Array {
  const chunks = pieces.flatMap((piece) => [
    textBytes(`${piece.length.toString(16)}\r\n`),
    piece,
    textBytes('\r\n'),
  ]);
  return Uint8Array.from(Buffer.concat([...chunks, textBytes(end)]));
}

function inTwo(bytes: Uint8Array): readonly Uint8Array[] {
  const middle = Math.floor(bytes.length / 2);
  return [bytes.subarray(0, middle), bytes.subarray(middle)];
}

/** The one dissection behind that of the wire. */
function decoded(message: Uint8Array, partial = false) {
  const [dissection, ...more] = explainContent(message, partial);
  expect(more).toEqual([]);
  if (!dissection) throw new Error('nothing was decoded');
  expectCovered(dissection.field, dissection.bytes.length);
  const { title, bytes, field } = dissection;
  return { title, field, text: new TextDecoder().decode(bytes), length: bytes.length };
}

const JSON_TYPE = 'Content-Type: application/json\r\n';

describe('a chunked body', () => {
  test('is put together and taken apart to the value', () => {
    const body = chunked(
      [1, 7, 12, 30].map((end, at, ends) => textBytes(JSON_TEXT).subarray(ends[at - 1] ?? 0, end)),
    );
    const { title, text, field } = decoded(response(`${JSON_TYPE}Transfer-Encoding: chunked\r\n`, body));
    expect(title).toBe('Body, put together from 4 chunks');
    expect(text).toBe(JSON_TEXT);
    expect(findFields(field, 'json.value.string').map(({ label, value }) => [label, value])).toEqual([
      ['name', 'Asha'],
    ]);
    expect(malformations(field)).toEqual([]);
  });

  test('in one chunk needs no second dissection: the wire shows it all', () => {
    const body = chunked([textBytes(JSON_TEXT)]);
    expect(explainContent(response(`${JSON_TYPE}Transfer-Encoding: chunked\r\n`, body))).toEqual([]);
  });

  test('leaves extensions and trailers out', () => {
    const body = textBytes('2;a="b\\"c"\r\n{"\r\n3 ; x\r\na":\r\n2\r\n1}\r\n0;last\r\nX-Sum: 42\r\n\r\n');
    expect(decoded(response(`${JSON_TYPE}Transfer-Encoding: chunked\r\n`, body)).text).toBe('{"a":1}');
  });

  test('that has not all come is put together as far as it came', () => {
    const body = chunked(inTwo(textBytes(JSON_TEXT)), '5\r\nab');
    const { text, field } = decoded(response(`${JSON_TYPE}Transfer-Encoding: chunked\r\n`, body), true);
    expect(text).toBe(`${JSON_TEXT}ab`);
    expect(field.meaning).toContain('as far as it came');
    expect(field.children?.some(({ name }) => name.startsWith('json'))).toBe(false);
    expect(malformations(field)).toEqual([]);
  });

  test('gives the same in whatever chunks', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 2, maxLength: 3000 }),
        fc.integer({ min: 1, max: 500 }),
        (bytes, size) => {
          const count = Math.ceil(bytes.length / size);
          const pieces = Array.from({ length: count }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
          const [dissection] = explainContent(response('Transfer-Encoding: chunked\r\n', chunked(pieces)));
          if (count === 1) expect(dissection).toBeUndefined();
          else expect(dissection?.bytes).toEqual(bytes);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('a compressed body', () => {
  const plain = textBytes(JSON_TEXT);
  test.each([
    ['gzip', gzipSync(plain)],
    ['x-gzip', gzipSync(plain)],
    ['deflate', deflateSync(plain)],
    ['br', brotliCompressSync(plain)],
  ])('is undone: %s', (coding, body) => {
    const { title, text, field } = decoded(response(`${JSON_TYPE}Content-Encoding: ${coding}\r\n`, body));
    expect(title).toBe(`Body, ${coding} undone`);
    expect(text).toBe(JSON_TEXT);
    expect(findField(field, 'json.value.number')?.value).toBe('4200');
    expect(malformations(field)).toEqual([]);
  });

  test('is undone when deflate comes without its wrapping', () => {
    expect(decoded(response('Content-Encoding: deflate\r\n', deflateRawSync(plain))).text).toBe(JSON_TEXT);
  });

  test('is undone when it came in chunks, or twice', () => {
    const body = chunked(inTwo(gzipSync(brotliCompressSync(plain))));
    const fields = `${JSON_TYPE}Content-Encoding: br, GZIP\r\nTransfer-Encoding: chunked\r\n`;
    const { title, text } = decoded(response(fields, body));
    expect(title).toBe('Body, put together from 2 chunks, gzip undone, br undone');
    expect(text).toBe(JSON_TEXT);
  });

  test('is undone when the transfer was compressed', () => {
    const fields = `${JSON_TYPE}Transfer-Encoding: gzip, chunked\r\n`;
    expect(decoded(response(fields, chunked([gzipSync(plain)]))).text).toBe(JSON_TEXT);
  });

  test('of a coding that is not known stays as it is', () => {
    expect(explainContent(response('Content-Encoding: zstd\r\n', plain))).toEqual([]);
    const both = response('Content-Encoding: zstd, gzip\r\n', gzipSync(plain));
    expect(malformations(decoded(both).field)).toEqual(['The coding zstd is not undone here.']);
  });

  test.each([
    ['gzip', gzipSync(plain).subarray(0, 25), 'stops before its end'],
    ['deflate', deflateSync(plain).subarray(0, 12), 'stops before its end'],
    ['br', brotliCompressSync(plain).subarray(0, 12), 'stops before its end'],
    ['gzip', textBytes('no gzip at all, really'), 'broken'],
    ['br', textBytes('\u0011nothing'), 'broken'],
  ])('that is broken says why: %s', (coding, body, why) => {
    const { field } = decoded(
      response(`Content-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n`, body),
    );
    expect(malformations(field)[0]).toContain(why);
  });

  test('that has changed on the way says that its checksum does not fit', () => {
    const body = gzipSync(plain, { level: 0 });
    body[20] = (body[20] ?? 0) ^ 1;
    expect(malformations(decoded(response('Content-Encoding: gzip\r\n', body)).field)[0]).toContain(
      'checksum',
    );
  });

  test('of which more is to come is undone as far as it came, and is not broken', () => {
    const long = textBytes(Array.from({ length: 900 }, (_, at) => `${at * 7919}`).join(','));
    for (const [coding, body] of [
      ['gzip', gzipSync(long)],
      ['deflate', deflateSync(long)],
      ['deflate', deflateRawSync(long)],
      ['br', brotliCompressSync(long)],
    ] as const) {
      const message = response(
        `Content-Encoding: ${coding}\r\nContent-Length: 9999\r\n`,
        body.subarray(0, 900),
      );
      const { length, field } = decoded(message, true);
      expect(length).toBeGreaterThan(500);
      expect(malformations(field)).toEqual([]);
    }
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
  ])('that would unpack to 16 MiB stops at one: %s', (coding, compress) => {
    const { length, field } = decoded(
      response(`Content-Encoding: ${coding}\r\n`, compress(new Uint8Array(1 << 24))),
    );
    expect(length).toBe(1 << 20);
    expect(field.meaning).toContain('truncated');
    expect(malformations(field)).toEqual([]);
  });
});

describe('DNS over HTTPS', () => {
  const query = encode({ type: 'query', id: 7, questions: [{ type: 'A', name: 'piggypay.test' }] });

  test('has its message taken apart', () => {
    const fields = `Content-Type: application/dns-message\r\nContent-Length: ${query.length}\r\n`;
    const { title, field } = decoded(response(fields, query));
    expect(title).toBe('Body, a DNS message');
    expect(findField(field, 'dns.qry.name')?.value).toBe('piggypay.test');
  });

  test('has the query of a GET taken out of its target', () => {
    const target = `/dns-query?dns=${query.toString('base64url')}`;
    const { title, field } = decoded(textBytes(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`));
    expect(title).toContain('base64url undone');
    expect(findField(field, 'dns.qry.name')?.value).toBe('piggypay.test');
  });
});

test('real answers in chunks, gzip and brotli give the JSON that was sent', () => {
  const vector = readVector('http-bodies');
  const texts = dissect(vector.chunks).flatMap((message) => {
    const stream = streamOf(vector, message.direction);
    return explainContent(stream.subarray(message.start, message.end)).map(
      ({ title, bytes }) => `${title}: ${new TextDecoder().decode(bytes)}`,
    );
  });
  expect(texts).toEqual([
    'Body, put together from 3 chunks: {"name":"Asha","balance":4200}',
    'Body, gzip undone: {"ok":true}',
    'Body, put together from 2 chunks, br undone: {"site":"PiggyPay"}',
  ]);
});

test('no bytes make it throw', () => {
  const heads = [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Encoding: gzip, br, deflate\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Type: application/dns-message\r\n\r\n',
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...heads),
      fc.uint8Array({ maxLength: 300 }),
      fc.boolean(),
      (head, body, partial) => {
        for (const { field, bytes } of explainContent(
          Uint8Array.from([...textBytes(head), ...body]),
          partial,
        ))
          expectCovered(field, bytes.length);
      },
    ),
    { numRuns: 1500 },
  );
});
