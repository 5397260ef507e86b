import { expect, test } from 'vitest';
import { readFirstWords } from '../../../proxy/interception/first-words.ts';
import { clientHello } from './harness.ts';

const read = (text: string) => readFirstWords(Buffer.from(text, 'latin1'), 'own.test:80');

test('the names in the head of a request are those of its target and of its Host fields', () => {
  const request = 'GET / HTTP/1.1\r\nhOsT:  Own.Test \r\nAccept: host: x\r\n\r\nHost: body.test\r\n\r\n';
  expect(read(request)).toEqual({ protocol: 'http', names: ['own.test:80'] });
  expect(read('GET http://a.test:81/ HTTP/1.1\nHost: b.test\n\n')).toEqual({
    protocol: 'http',
    names: ['a.test:81', 'b.test:80'],
  });
  for (const host of ['[', 'x:99999']) {
    expect(read(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).toEqual({ protocol: 'http', names: [host] });
  }
  expect(read('GET / HTTP/1.1\r\nHost: own.test\r\nHost: own.test\r\n\r\n')).toBe('malformed');
  expect(read('GET / HTTP/1.0\r\n\r\n')).toEqual({ protocol: 'http', names: [] });
});

test('a head is incomplete until its empty line, however it is cut', () => {
  const request = 'GET / HTTP/1.1\r\nHost: own.test\r\n\r\n';
  for (let end = 0; end < request.length; end += 1) expect(read(request.slice(0, end))).toBe('incomplete');
  expect(read(request)).toEqual({ protocol: 'http', names: ['own.test:80'] });
});

test.each([
  ['behind empty lines', '\r\n\n\r\nGET / HTTP/1.1'],
  ['with a method that is no word', 'M-SEARCH / HTTP/1.1'],
  ['in lower case', 'get / http/1.1'],
  ['with a tab', 'GET\t/\tHTTP/1.1'],
  ['of a protocol that parsers take for HTTP', 'SOURCE / ICE/1.0'],
])('a request %s names its Host as any other does', (_how, line) => {
  const request = `${line}\r\nHost: evil.test\r\n\r\n`;
  for (let end = 0; end < request.length; end += 1) expect(read(request.slice(0, end))).toBe('incomplete');
  expect(read(request)).toEqual({ protocol: 'http', names: ['evil.test:80'] });
});

test('a server name stands for the port that was asked for', async () => {
  const bytes = await clientHello('Own.test');
  expect(readFirstWords(bytes, 'own.test:8443')).toEqual({ protocol: 'tls', names: ['own.test:8443'] });
  expect(readFirstWords(await clientHello(), 'own.test:443')).toEqual({ protocol: 'tls', names: [] });
});

test('other protocols name nobody', () => {
  for (const words of ['\x00', 'EHLO(x', 'EHLO own.test\r\n', 'A'.repeat(30), 'A'.repeat(30) + ' x\r\n']) {
    expect(read(words)).toEqual({ protocol: 'other', names: [] });
  }
  expect(read('EHLO')).toBe('incomplete');
});
