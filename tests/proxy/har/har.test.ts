import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { isWireEvent, type LogEvent } from '#contract';
import { EndsHar, StrangersHar } from '../../../proxy/har/capture.ts';
import { hasTool } from '../../support/tools.ts';
import type { VectorChunk } from '../../vectors/vector.ts';
import { captured, textChunk } from '../dissect/captured.ts';
import { ANSWER, capturedLogin, SAID, withoutKeys } from '../dissect/login.ts';
import { type ValidHar, validHar } from './valid-har.ts';

function asStranger(events: readonly LogEvent[]): ValidHar {
  const har = new StrangersHar();
  for (const event of events) if (isWireEvent(event)) har.apply(event);
  return validHar([...har.pieces('1.0.0')].join(''));
}

function asEnd(end: 'victim' | 'site', events: readonly LogEvent[]): ValidHar {
  const har = new EndsHar(end);
  for (const event of events) har.apply(event);
  return validHar([...har.pieces('1.0.0')].join(''));
}

/** The one entry of a connection in clear. */
function entryOf(...chunks: VectorChunk[]) {
  const [entry, ...more] = asStranger(captured([{ port: 80, chunks }])).log.entries;
  expect(more).toEqual([]);
  if (!entry) throw new Error('no entry');
  return entry;
}

function asked(text = 'GET / HTTP/1.1\r\nHost: own.test\r\n\r\n'): VectorChunk {
  return textChunk('client-to-server', text);
}

function answered(head: string, body: string | Uint8Array = ''): VectorChunk {
  const bytes = Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`),
    Buffer.from(body as string),
  ]);
  return { direction: 'server-to-client', bytes: Uint8Array.from(bytes) };
}

describe.skipIf(!hasTool('openssl'))('a login in clear and the same over TLS', () => {
  let events: readonly LogEvent[] = [];
  beforeAll(async () => ({ events } = await capturedLogin()));

  test('the stranger reads the one in clear, and is told that the other was sealed', () => {
    const { log } = asStranger(events);
    expect(log.comment).toBe(
      'What a stranger on the wire can read. 1 connection is sealed and cannot be read: not listed here.',
    );
    expect(log.creator).toEqual({ name: 'plainsight', version: '1.0.0' });
    expect(log.entries.map(({ request, connection }) => `${connection} ${request.url}`)).toEqual([
      '1 http://own.test/login?from=caf%C3%A9',
    ]);
  });

  test('no key reaches the stranger: the type refuses it, and the file is the same with and without keys', () => {
    const har = new StrangersHar();
    const secret = events.find((event) => event.type === 'secrets-logged');
    // @ts-expect-error: what the ends tell is no event of the wire.
    if (secret) har.apply(secret);
    expect(asStranger(events)).toEqual(asStranger(withoutKeys(events)));
  });

  test.each(['victim', 'site'] as const)('the %s reads both, and the same in both', (end) => {
    const { log } = asEnd(end, events);
    expect(log.entries.map(({ request }) => request.url)).toEqual([
      'http://own.test/login?from=caf%C3%A9',
      'https://own.test/login?from=caf%C3%A9',
    ]);
    const [clear, opened] = log.entries;
    expect(opened?.request).toEqual({ ...clear?.request, url: 'https://own.test/login?from=caf%C3%A9' });
    expect(opened?.response).toEqual(clear?.response);
    expect(opened?.comment).toBe('Decrypted with a lent key.');
    expect(log.comment).toContain('None was left sealed.');
  });

  test('an end whose keys were not told is shown what a stranger is', () => {
    const { log } = asEnd('site', withoutKeys(events));
    expect(log.entries).toHaveLength(1);
    expect(log.comment).toContain('1 connection is sealed and no key was told: not listed here.');
  });
});

test('a request and its response down to cookies, query, form and body', () => {
  const { request, response } = entryOf(asked(SAID), textChunk('server-to-client', ANSWER));
  expect(request).toEqual({
    method: 'POST',
    url: 'http://own.test/login?from=caf%C3%A9',
    httpVersion: 'HTTP/1.1',
    cookies: [
      { name: 'a', value: '1' },
      { name: 'b', value: '2' },
    ],
    headers: [
      { name: 'Host', value: 'own.test' },
      { name: 'Cookie', value: 'a=1; b=2' },
      { name: 'Content-Type', value: 'application/x-www-form-urlencoded' },
      { name: 'Content-Length', value: '22' },
    ],
    queryString: [{ name: 'from', value: 'café' }],
    postData: {
      mimeType: 'application/x-www-form-urlencoded',
      params: [{ name: 'password', value: 'correct horse' }],
      text: 'password=correct+horse',
    },
    headersSize: SAID.indexOf('\r\n\r\n') + 4,
    bodySize: 22,
  });
  expect(response).toMatchObject({
    status: 200,
    statusText: 'Fine',
    cookies: [
      { name: 's', value: '3', path: '/', httpOnly: true, secure: true, expires: '2026-10-21T07:28:00.000Z' },
    ],
    content: { size: 11, mimeType: 'application/json', text: '{"ok":true}' },
    headersSize: ANSWER.indexOf('\r\n\r\n') + 4,
    bodySize: ANSWER.length - ANSWER.indexOf('\r\n\r\n') - 4,
  });
});

test('times are those at which the bytes passed', () => {
  const head = 'POST / HTTP/1.1\r\nHost: own.test\r\nContent-Length: 2\r\n\r\n';
  const entry = entryOf(
    asked(head),
    asked('a'),
    asked('b'),
    answered('Content-Length: 2'),
    textChunk('server-to-client', 'ok'),
  );
  expect(entry.startedDateTime).toBe('2026-11-22T00:00:00.002Z');
  expect(entry.timings).toMatchObject({ send: 2, wait: 1, receive: 1, connect: -1 });
  expect(entry.time).toBe(4);
});

test('a coded body is undone, and how much that saved is said', () => {
  const page = 'words '.repeat(1000);
  const coded = gzipSync(page);
  const { response } = entryOf(
    asked(),
    answered(`Content-Type: text/plain\r\nContent-Encoding: gzip\r\nContent-Length: ${coded.length}`, coded),
  );
  expect(response.bodySize).toBe(coded.length);
  expect(response.content).toEqual({
    size: 6000,
    compression: 6000 - coded.length,
    mimeType: 'text/plain',
    text: page,
  });
});

test('bytes that are no text go as base64', () => {
  const picture = Uint8Array.of(0x89, 0x50, 0x00, 0xff);
  const { response } = entryOf(asked(), answered('Content-Type: image/png\r\nContent-Length: 4', picture));
  expect(response.content).toEqual({ size: 4, mimeType: 'image/png', text: 'iVAA/w==', encoding: 'base64' });
});

test('of a large body the first MiB is there, and that is said', () => {
  const length = (1 << 20) + 10;
  const { response } = entryOf(
    asked(),
    answered(`Content-Type: text/plain\r\nContent-Length: ${length}`, 'x'.repeat(length)),
  );
  expect(response.bodySize).toBe(length);
  expect(response.content.size).toBe(length);
  expect(response.content.text).toHaveLength(1 << 20);
  expect(response.content.comment).toBe('Only the first 1048576 bytes are here.');
});

test('a request without a response, and interim responses before the real one', () => {
  expect(entryOf(asked()).response).toMatchObject({ status: 0, headersSize: -1, bodySize: -1 });
  const interim = textChunk('server-to-client', 'HTTP/1.1 103 Early Hints\r\n\r\n');
  expect(entryOf(asked(), interim, answered('Content-Length: 2', 'ok')).response.status).toBe(200);
});

test('a hostile Host makes no other address of it', () => {
  const entry = entryOf(asked('GET /a HTTP/1.1\r\nHost: evil.test/?x=\r\n\r\n'));
  expect(entry.request.url).toBe('http://own.test/a');
});

test('entries of all connections stand in the order of their requests', () => {
  const one = captured([
    { port: 80, chunks: [asked('GET /1 HTTP/1.1\r\n\r\n')] },
    { port: 8080, chunks: [asked('GET /2 HTTP/1.1\r\n\r\n')] },
  ]);
  const urls = asStranger(one).log.entries.map(({ request }) => request.url);
  expect(urls).toEqual(['http://own.test/1', 'http://own.test:8080/2']);
});
