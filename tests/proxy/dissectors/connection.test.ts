import { ConnectionDissector } from '#dissectors/connection.ts';
import { identify } from '#dissectors/identify.ts';
import { describe, expect, test } from 'vitest';
import { readVector, streamOf } from '../../vectors/vector.ts';
import { answered, dissect, sent, textBytes } from './feeding.ts';

describe('identify', () => {
  test.each([
    [[0x16], 'need-more'],
    [[0x16, 3], 'need-more'],
    [[0x16, 3, 1], 'tls'],
    [[0x16, 3, 9], 'unknown'],
    [[0x16, 2], 'unknown'],
    [[0x80, 0x2e, 1], 'need-more'],
    [[0x80, 0x2e, 1, 3, 1], 'tls'],
    [[0x80, 0x2e, 1, 0, 2], 'tls'],
    [[0x80, 0x2e, 1, 7], 'unknown'],
    [[0x80, 0x2e, 9], 'unknown'],
    [[0x80, 0x2e, 4, 0, 1, 0, 2], 'tls'],
    [[0], 'unknown'],
    [[], 'need-more'],
  ])('%j is %s', (bytes, identity) => {
    expect(identify(Uint8Array.from(bytes))).toBe(identity);
  });

  test.each([
    ['G', 'need-more'],
    ['GET', 'need-more'],
    ['GET ', 'http1'],
    ['M-SEARCH *', 'http1'],
    ['\r\nGET ', 'http1'],
    ['HTTP/1', 'need-more'],
    ['HTTP/1.1', 'http1'],
    ['HTTP/2', 'unknown'],
    ['PRI * HT', 'need-more'],
    ['PRI * HTTP/2.0', 'unknown'],
    ['PRI *x', 'http1'],
    [' GET', 'unknown'],
    ['a'.repeat(30), 'unknown'],
    ['SSH-2.0-x\r\n', 'unknown'],
  ])('%j is %s', (text, identity) => {
    expect(identify(textBytes(text))).toBe(identity);
  });
});

describe('a direction of a connection', () => {
  test('is one message from its first byte on, whatever it turns out to be', () => {
    const dissector = new ConnectionDissector();
    const [first] = dissector.push('client-to-server', 0, textBytes('G'), 1);
    expect(first).toMatchObject({ protocol: 'unknown', title: 'Arriving', end: 1, complete: false });
    const [second] = dissector.push('client-to-server', 1, textBytes('ET / HTTP/1.1\r\n\r\n'), 2);
    expect(second).toBe(first);
    expect(first).toMatchObject({ protocol: 'http1', title: 'GET /', time: 1, endTime: 2, complete: true });
  });

  test('that ends before it can be told is unknown', () => {
    expect(dissect([sent('GE')])).toMatchObject([
      { title: 'Unknown bytes', start: 0, end: 2, complete: true },
    ]);
  });

  test('is identified on its own: a TLS client may be answered in HTTP', () => {
    const hello = readVector('rfc8448-hellos').chunks.slice(0, 1);
    const messages = dissect([...hello, answered('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')]);
    expect(messages.map(({ title }) => title)).toEqual(['ClientHello', '400 Bad Request']);
  });

  test('that begins in the middle is unknown, and says why', () => {
    const dissector = new ConnectionDissector();
    const [message] = dissector.push('client-to-server', 500, textBytes('GET / HTTP/1.1\r\n\r\n'), 1);
    expect(message).toMatchObject({ protocol: 'unknown', start: 500, end: 518 });
    expect(message?.detail).toContain('missing from the capture');
  });

  test('goes on behind a gap that lies inside a counted body', () => {
    const dissector = new ConnectionDissector();
    const head = textBytes('POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n');
    dissector.push('client-to-server', 0, head, 1);
    dissector.push('client-to-server', head.length + 90, new Uint8Array(10), 2);
    const [next] = dissector.push(
      'client-to-server',
      head.length + 100,
      textBytes('GET /b HTTP/1.1\r\n\r\n'),
      3,
    );
    expect(next).toMatchObject({ title: 'GET /b', complete: true });
  });

  test('goes on behind a gap that lies inside a sealed record, and not behind one across its border', () => {
    const record = Uint8Array.from([23, 3, 3, 0, 50, ...new Uint8Array(50)]);
    const inside = new ConnectionDissector();
    inside.push('client-to-server', 0, record.subarray(0, 10), 1);
    expect(inside.push('client-to-server', 40, record.subarray(40), 2)).toMatchObject([
      { complete: true, end: 55 },
    ]);
    const across = new ConnectionDissector();
    across.push('client-to-server', 0, record.subarray(0, 10), 1);
    expect(across.push('client-to-server', 60, record, 2)).toMatchObject([
      { protocol: 'unknown', start: 60 },
    ]);
  });

  test('passes over bytes that it has seen', () => {
    const stream = streamOf(readVector('http-login'), 'client-to-server');
    const dissector = new ConnectionDissector();
    dissector.push('client-to-server', 0, stream.subarray(0, 50), 1);
    const messages = dissector.push('client-to-server', 0, stream, 2);
    expect(messages.map(({ title }) => title)).toEqual([
      'GET /login',
      'POST /api/v1/login',
      'GET /api/v1/balance',
    ]);
    expect(dissector.push('client-to-server', 10, stream.subarray(10, 20), 3)).toEqual([]);
  });

  test('reads Buffers as it reads Uint8Arrays', () => {
    const [message] = new ConnectionDissector().push(
      'client-to-server',
      0,
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      1,
    );
    expect(message).toMatchObject({ title: 'GET /', complete: true });
  });
});
