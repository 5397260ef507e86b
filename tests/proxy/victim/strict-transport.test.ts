import { describe, expect, test } from 'vitest';
import { StrictTransport } from '../../../proxy/victim/strict-transport.ts';

const secure = new URL('https://bank.test/');
const plain = new URL('http://bank.test/');

function after(field: string | undefined, from = secure): StrictTransport {
  const memory = new StrictTransport();
  memory.note(from, field, 0);
  return memory;
}

const goesTo = (memory: StrictTransport, address: string, now = 1) =>
  memory.upgrade(new URL(address), now).href;

describe('what a site asks for over HTTPS', () => {
  test('turns its addresses over HTTP into HTTPS, at the usual port and with all that follows (8.3)', () => {
    const memory = after('max-age=60');
    expect(goesTo(memory, 'http://bank.test/login?a=1#b')).toBe('https://bank.test/login?a=1#b');
    expect(goesTo(memory, 'http://BANK.test:80/')).toBe('https://bank.test/');
    // Another port stays another port.
    expect(goesTo(memory, 'http://bank.test:8080/')).toBe('https://bank.test:8080/');
    expect(goesTo(memory, 'https://bank.test/')).toBe('https://bank.test/');
  });

  test('says nothing of other sites, nor of those below it unless it speaks for them (8.2)', () => {
    for (const address of [
      'http://other.test/',
      'http://www.bank.test/',
      'http://test/',
      'http://abank.test/',
    ])
      expect(goesTo(after('max-age=60'), address)).toBe(address);
    const memory = after('max-age=60; includeSubDomains');
    expect(goesTo(memory, 'http://a.www.bank.test/')).toBe('https://a.www.bank.test/');
    expect(goesTo(memory, 'http://abank.test/')).toBe('http://abank.test/');
  });

  test('ends with its age, which the newest word sets; zero forgets it (6.1.1)', () => {
    const memory = after('max-age=60');
    expect(goesTo(memory, plain.href, 59_999)).toBe(secure.href);
    expect(goesTo(memory, plain.href, 60_000)).toBe(plain.href);
    memory.note(secure, 'max-age=60', 30_000);
    expect(goesTo(memory, plain.href, 60_000)).toBe(secure.href);
    memory.note(secure, 'max-age=0', 30_001);
    expect(goesTo(memory, plain.href, 30_002)).toBe(plain.href);
  });

  test.each(['MAX-AGE = 60', 'max-age="60"', ' ;max-age=60; ; somethingNew=1'])(
    'is read as written: %s',
    (field) => {
      expect(goesTo(after(field), plain.href)).toBe(secure.href);
    },
  );

  test.each([undefined, '', 'includeSubDomains', 'max-age', 'max-age=soon', 'max-age=60; max-age=61'])(
    'means nothing where it is not as it should be: %s',
    (field) => {
      expect(goesTo(after(field), plain.href)).toBe(plain.href);
    },
  );
});

test('what is said over HTTP is not heeded (8.1)', () => {
  expect(goesTo(after('max-age=60', plain), plain.href)).toBe(plain.href);
});
