import { describe, expect, test } from 'vitest';
import { restoreRequest, stripAnswer, withoutTls } from '../../../proxy/interception/strip-fields.ts';

const HOST = 'bank.test';
const stripped = (name: string, value: string) => stripAnswer([[name, value]], HOST).fields[0]?.[1];

describe('an address of the site over TLS', () => {
  test.each([
    ['https://bank.test', 'http://bank.test'],
    ['https://bank.test/a?b=https://bank.test#c', 'http://bank.test/a?b=http://bank.test#c'],
    ['HTTPS://Bank.Test:443/', 'HTTP://bank.test/'],
    ['wss://bank.test/support', 'ws://bank.test/support'],
    ['{"at":"https:\\/\\/bank.test\\/a"}', '{"at":"http:\\/\\/bank.test\\/a"}'],
    ['see https://bank.test.', 'see http://bank.test.'],
  ])('is one over HTTP then: %s', (before, after) => {
    expect(withoutTls(before, HOST)).toBe(after);
  });

  test.each([
    'https://bank.test:8443/',
    'https://bank.test.other.test/',
    'https://bank.test-other.test/',
    'https://www.bank.test/',
    'https://bank_test/',
    'https://bankxtest/',
    'https://other.test/',
    'https://bank.test@other.test/',
    'https://bank.test:443@other.test/',
    'http://bank.test/',
    'bank.test',
  ])('is nothing else: %s', (text) => {
    expect(withoutTls(text, HOST)).toBe(text);
  });
});

describe('of an answer', () => {
  test('the way to HTTPS is taken out of where it leads, and what would have the browser go there itself', () => {
    const { fields, changes } = stripAnswer(
      [
        ['Location', 'https://bank.test/account'],
        ['Strict-Transport-Security', 'max-age=31536000'],
        ['Alt-Svc', 'h3=":443"'],
        [
          'Content-Security-Policy',
          "default-src 'self'; Upgrade-Insecure-Requests; connect-src wss://bank.test",
        ],
        ['Date', 'today'],
      ],
      HOST,
    );
    expect(fields).toEqual([
      ['Location', 'http://bank.test/account'],
      ['Content-Security-Policy', "default-src 'self'; connect-src ws://bank.test"],
      ['Date', 'today'],
    ]);
    expect(changes.map(({ name, after }) => [name, after !== undefined])).toEqual([
      ['Location', true],
      ['Strict-Transport-Security', false],
      ['Alt-Svc', false],
      ['Content-Security-Policy', true],
    ]);
  });

  test.each([
    ['sid=1; Path=/; Secure; HttpOnly', 'plain-sid=1; Path=/; HttpOnly'],
    ['__Host-sid=1; path=/; SECURE', 'plain-__Host-sid=1; path=/'],
    ['sid=1; SameSite=None;Secure', 'plain-sid=1'],
    ['sid=1; SameSite=Lax; Secure', 'plain-sid=1; SameSite=Lax'],
    ['sid=Secure; Path=/Secure', 'sid=Secure; Path=/Secure'],
    ['sid=1', 'sid=1'],
  ])('a cookie is one that a browser takes over HTTP: %s', (before, after) => {
    expect(stripped('set-cookie', before)).toBe(after);
  });

  test('what says nothing of HTTPS stays as it is, and is not told as changed', () => {
    const raw = [
      ['Content-Type', 'text/html'],
      ['Set-Cookie', 'a=1'],
      ['Location', '/account'],
    ] as const;
    expect(stripAnswer(raw, HOST)).toEqual({ fields: raw, changes: [] });
  });
});

describe('of a request', () => {
  const restored = (...raw: string[]) => restoreRequest(raw, HOST);

  test('the site gets its cookies by their own names, and no sign of HTTP', () => {
    expect(
      restored(
        ...[
          'Host',
          'bank.test:80',
          'Origin',
          'http://bank.test',
          'Referer',
          'http://bank.test:80/?a=http://x',
        ],
        ...['Cookie', 'plain-__Host-sid=1; a=plain-b;plain-c=2', 'Upgrade-Insecure-Requests', '1'],
        ...['Accept-Encoding', 'gzip', 'Range', 'bytes=0-9', 'X-Own', 'http://bank.test'],
      ),
    ).toEqual([
      ...['Host', 'bank.test', 'Origin', 'https://bank.test', 'Referer', 'https://bank.test/?a=http://x'],
      ...['Cookie', '__Host-sid=1; a=plain-b; c=2', 'X-Own', 'http://bank.test'],
      ...['Accept-Encoding', 'identity'],
    ]);
  });

  test.each(['http://other.test/', 'null', 'http://bank.test.other.test', 'http://bank.test:8080'])(
    'where it comes from stays as it is for another site: %s',
    (origin) => {
      expect(restored('Origin', origin)).toEqual(['Origin', origin, 'Accept-Encoding', 'identity']);
    },
  );
});
