import { expect, test } from 'vitest';
import { cookieIn, cookieLine, withoutValues } from '../../../proxy/attacks/session-cookie.ts';

const line = (head: string) => cookieLine(Buffer.from(`GET / HTTP/1.1\r\n${head}\r\n\r\n`));

test.each([
  ['Cookie: sid=s%3Aabc.def', 'sid=s%3Aabc.def', 'Cookie: sid=…'],
  ['cookie: theme=dark; sid=abc; x=1', 'sid=abc', 'cookie: theme=…; sid=…; x=…'],
  ['Set-Cookie: sid=abc; Path=/; HttpOnly', 'sid=abc', 'Set-Cookie: sid=…; Path=/; HttpOnly'],
  ['Host: a\r\nSet-Cookie:sid=abc', 'sid=abc', 'Set-Cookie:sid=…'],
])('finds the cookie in “%s”, and shows the line without what opens the door', (head, cookie, shown) => {
  const found = line(head) ?? '';
  expect(cookieIn(found)).toBe(cookie);
  expect(withoutValues(found)).toBe(shown);
});

test.each([
  'Cookie: secure-sid=abc',
  'Cookie: theme=dark',
  'Cookie: sid=',
  'Set-Cookie: sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
  'X-Cookie: sid=abc',
])('there is none in “%s”', (head) => {
  expect(line(head)).toBeUndefined();
});

test('a line as long as they come does not hold anybody up', () => {
  const before = process.cpuUsage();
  expect(line(`Cookie: ${'; sid'.repeat(13_000)}`)).toBeUndefined();
  expect(line(`Cookie: ${' sid=;'.repeat(10_000)}`)).toBeUndefined();
  // Of the processor, whoever else has it meanwhile.
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(2000);
});
