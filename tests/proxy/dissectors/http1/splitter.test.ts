import { describe, expect, test } from 'vitest';
import type { VectorChunk } from '../../../vectors/vector.ts';
import { answered, dissect, inPieces, sent, timeless } from '../feeding.ts';

const GET = sent('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n');

/** Title, end and completeness of both directions; the same whole and byte by byte. */
function outline(chunks: readonly VectorChunk[]): readonly string[] {
  const whole = dissect(chunks);
  expect(timeless(dissect(inPieces(chunks, 1)))).toEqual(timeless(whole));
  return whole.map(({ title, start, end, complete }) => `${title} ${start}-${end}${complete ? '' : ' …'}`);
}

describe('where a message ends', () => {
  test('a request without a length ends with its head', () => {
    expect(outline([GET])).toEqual(['GET / 0-32']);
  });

  test('pipelined requests are told apart, and empty lines before one belong to it', () => {
    expect(outline([sent('GET /a HTTP/1.1\r\n\r\n\r\nGET /b HTTP/1.1\r\n\r\n')])).toEqual([
      'GET /a 0-19',
      'GET /b 19-40',
    ]);
  });

  test('a head may end its lines with LF alone', () => {
    expect(outline([sent('GET / HTTP/1.1\nHost: a\n\nGET /b HTTP/1.1\n\n')])).toEqual([
      'GET / 0-24',
      'GET /b 24-41',
    ]);
  });

  test('Content-Length counts the body', () => {
    expect(outline([sent('POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\n\r\n')])).toEqual(
      ['POST / 0-41', 'GET /b 41-60'],
    );
  });

  test('chunks end with the last one and its trailers', () => {
    const response =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\n';
    expect(outline([GET, answered(`${response}HTTP/1.1 204 No Content\r\n\r\n`)])).toEqual([
      'GET / 0-32',
      `200 OK 0-${response.length}`,
      `204 No Content ${response.length}-${response.length + 27}`,
    ]);
  });

  test('a response without a length lasts until the connection ends', () => {
    const chunks = [GET, answered('HTTP/1.1 200 OK\r\n\r\nabc')];
    expect(outline(chunks)).toEqual(['GET / 0-32', '200 OK 0-22']);
    expect(dissect(chunks, false).at(-1)?.complete).toBe(false);
  });

  test.each(['204 No Content', '304 Not Modified', '103 Early Hints'])(
    '%s has no body whatever its fields say',
    (status) => {
      const head = `HTTP/1.1 ${status}\r\nContent-Length: 9\r\n\r\n`;
      expect(outline([GET, answered(`${head}HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx`)])).toEqual([
        'GET / 0-32',
        `${status} 0-${head.length}`,
        `200 OK ${head.length}-${head.length + 39}`,
      ]);
    },
  );

  test('the answer to HEAD has no body, the next one has', () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n';
    expect(
      outline([sent('HEAD / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n'), answered(`${head}${head}abc`)]),
    ).toEqual(['HEAD / 0-19', 'GET / 19-37', '200 OK 0-38', '200 OK 38-79']);
  });

  test('a body that is cut off stays incomplete', () => {
    expect(outline([GET, answered('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc')])).toEqual([
      'GET / 0-32',
      '200 OK 0-41 …',
    ]);
  });
});

describe('what a response answers', () => {
  test('responses answer the requests in order, informational ones the same as the next', () => {
    const messages = dissect([
      sent('GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n'),
      answered('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 A\r\n\r\nHTTP/1.1 204 B\r\n\r\n'),
    ]);
    const answers = messages
      .filter(({ kind }) => kind === 'response')
      .map(({ title, answers: to }) => `${title}: ${to?.title}`);
    expect(answers).toEqual(['100 Continue: GET /a', '204 A: GET /a', '204 B: GET /b']);
  });

  test('a response nobody asked for answers nothing', () => {
    expect(
      dissect([answered('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n')])[0]?.answers,
    ).toBeUndefined();
  });
});

describe('where HTTP ends', () => {
  test('after 101 both directions are bytes of no known kind', () => {
    const chunks = [
      sent('GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n'),
      answered('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x02hi'),
      sent('\x81\x82abcd'),
    ];
    expect(outline(chunks).filter((line) => line.startsWith('Unknown'))).toHaveLength(2);
    expect(dissect(chunks).at(-1)?.detail).toContain('101');
  });

  test('after CONNECT succeeds the connection is a tunnel; after it fails it is not', () => {
    const connect = sent('CONNECT a.test:443 HTTP/1.1\r\n\r\n');
    expect(outline([connect, answered('HTTP/1.1 200 OK\r\n\r\nxx')])).toContain('Unknown bytes 19-21');
    const refused = [
      connect,
      answered('HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nxxHTTP/1.1 204 B\r\n\r\n'),
    ];
    expect(outline(refused)).toContain('204 B 40-58');
  });
});

describe('what cannot be framed', () => {
  test.each([
    ['two lengths that disagree', 'Content-Length: 3\r\nContent-Length: 4'],
    ['a list of lengths that disagree', 'Content-Length: 3, 4'],
    ['a length that is no number', 'Content-Length: +3'],
    ['a request whose last coding is not chunked', 'Transfer-Encoding: chunked, gzip'],
  ])('%s leaves the rest unknown', (_case, fields) => {
    const messages = dissect([sent(`POST / HTTP/1.1\r\n${fields}\r\n\r\nabcd`)]);
    expect(messages.map(({ title, complete }) => [title, complete])).toEqual([
      ['POST /', false],
      ['Unknown bytes', true],
    ]);
    expect(messages[1]?.detail).toContain('cannot be told');
  });

  test('equal lengths said twice are one', () => {
    expect(outline([sent('POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab')])).toEqual([
      'POST / 0-59',
    ]);
  });

  test('Transfer-Encoding wins over Content-Length, and both together are pointed out', () => {
    const chunks = [
      sent(
        'POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /b HTTP/1.1\r\n\r\n',
      ),
    ];
    expect(outline(chunks)).toEqual(['POST / 0-71', 'GET /b 71-90']);
    expect(dissect(chunks)[0]?.detail).toBe('both Transfer-Encoding and Content-Length');
  });

  test.each(['zz\r\n', '-1\r\n', 'fffffffffffff\r\n', '1\r\nabc'])(
    'broken chunked coding %j leaves the rest unknown',
    (body) => {
      const messages = dissect([sent(`POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${body}`)]);
      expect(messages.at(-1)?.protocol === 'unknown' || !messages.at(-1)?.complete).toBe(true);
      expect(messages[0]?.complete).toBe(false);
    },
  );

  test('a head of more than 64 KB is not waited for', () => {
    const messages = dissect([sent(`GET / HTTP/1.1\r\nX: ${'a'.repeat(70_000)}\r\n\r\n`)]);
    expect(messages.map(({ start, end }) => [start, end])).toEqual([
      [0, 65_536],
      [65_536, 70_023],
    ]);
    expect(messages[1]?.detail).toContain('64 KB');
  });

  test('a head of just 64 KB is read', () => {
    const head = 'GET / HTTP/1.1\r\nX: ';
    expect(outline([sent(`${head}${'a'.repeat(65_536 - head.length - 4)}\r\n\r\n`)])).toEqual([
      'GET / 0-65536',
    ]);
  });

  test('what begins like HTTP and has no start line is unknown from there on', () => {
    const messages = dissect([sent('GET nothing\r\n\r\nGET / HTTP/1.1\r\n\r\n')]);
    expect(messages.map(({ title }) => title)).toEqual(['Request', 'Unknown bytes']);
  });
});

test('a title stays short however long the target', () => {
  expect(dissect([sent(`GET /${'a'.repeat(9000)} HTTP/1.1\r\n\r\n`)])[0]?.title.length).toBeLessThanOrEqual(
    160,
  );
});

test('a large body costs counters only', () => {
  const megabyte = new Uint8Array(1024 * 1024);
  const chunks: VectorChunk[] = [
    GET,
    answered(`HTTP/1.1 200 OK\r\nContent-Length: ${64 * megabyte.length}\r\n\r\n`),
  ];
  for (let count = 0; count < 64; count++) chunks.push({ direction: 'server-to-client', bytes: megabyte });
  expect(dissect(chunks).map(({ title, complete }) => [title, complete])).toEqual([
    ['GET /', true],
    ['200 OK', true],
  ]);
});
