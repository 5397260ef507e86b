import { ConnectionDissector } from '#dissectors/connection.ts';
import { expect, test } from 'vitest';
import { bodyOf, headOf, isPost, membersOf } from '../../../proxy/attacks/seen-requests.ts';
import type { Exchange, Seen } from '../../../proxy/attacks/watched-connection.ts';

function seen(text: string, isWhole = true): Seen {
  const bytes = Buffer.from(text);
  const [message] = new ConnectionDissector().push('client-to-server', 0, bytes, 0);
  if (!message) throw new Error('there is no message');
  return { message, bytes, isWhole };
}

const post = (target: string, body = '{"amount":1}') =>
  `POST ${target} HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const asked = (request: Seen) => ({ request }) as unknown as Exchange;

test('knows a POST by its path, whatever its query, and only when there is all of it', () => {
  expect(isPost(asked(seen(post('/pay'))), '/pay')).toBe(true);
  expect(isPost(asked(seen(post('/pay?now=1'))), '/pay')).toBe(true);
  expect(isPost(asked(seen(post('/pay/more'))), '/pay')).toBe(false);
  expect(isPost(asked(seen('GET /pay HTTP/1.1\r\n\r\n')), '/pay')).toBe(false);
  expect(isPost(asked(seen(post('/pay'), false)), '/pay')).toBe(false);
});

test('takes head and body apart, and reads an object out of JSON or nothing', () => {
  const request = seen(post('/pay'));
  expect([headOf(request).toString(), bodyOf(request).toString()]).toEqual([
    'POST /pay HTTP/1.1\r\nContent-Length: 12\r\n\r\n',
    '{"amount":1}',
  ]);
  expect(membersOf(request)).toEqual({ amount: 1 });
  for (const body of ['', 'null', '"text"', '{"amount":', 'amount=1'])
    expect(membersOf(seen(post('/pay', body)))).toEqual({});
});
