import { decode, encode, RECURSION_DESIRED } from 'dns-packet';
import { expect, test } from 'vitest';
import { addressIn, forgedAnswer, haveSameId } from '../../../proxy/attacks/forged-answer.ts';

const SITE = 'piggypay.test';
const query = (name: string, type: 'A' | 'AAAA' = 'A', count = 1) =>
  encode({
    ...{ type: 'query', id: 4711, flags: RECURSION_DESIRED },
    questions: Array(count).fill({ type, name }) as { type: 'A'; name: string }[],
  });
const forged = (bytes: Uint8Array) => forgedAnswer(bytes, SITE, '127.0.0.66');

test('has the ID and the question of the query, as they were spelled', () => {
  const answer = forged(query('PiggyPay.test'));
  expect(decode(Buffer.from(answer ?? []))).toMatchObject({
    ...{ id: 4711, type: 'response', flag_rd: true },
    questions: [{ type: 'A', name: 'PiggyPay.test' }],
    answers: [{ type: 'A', name: 'PiggyPay.test', ttl: 60, data: '127.0.0.66' }],
  });
  expect(addressIn(answer)).toBe('127.0.0.66');
});

test.each([
  ['another name', query('tls12.test')],
  ['a name that ends like it', query('not-piggypay.test')],
  ['another type', query(SITE, 'AAAA')],
  ['two questions', query(SITE, 'A', 2)],
  ['an answer', forged(query(SITE)) ?? new Uint8Array()],
  ['nothing', new Uint8Array()],
])('there is none for %s', (_what, bytes) => {
  expect(forged(bytes)).toBeUndefined();
});

test('no cut or garbled query makes it throw', () => {
  const whole = query(SITE);
  for (let length = 0; length < whole.length; length += 1) {
    expect(forged(whole.subarray(0, length))).toBeUndefined();
    for (const byte of [0, 1, 0x3f, 0xc0, 0xff]) {
      const garbled = Buffer.from(whole);
      garbled[length] = byte;
      const answer = forged(garbled);
      if (answer) expect(haveSameId(answer, garbled)).toBe(true);
      addressIn(garbled);
    }
  }
});

test('answers are told apart by their ID', () => {
  expect(haveSameId(Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2))).toBe(true);
  expect(haveSameId(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
  expect(haveSameId(new Uint8Array(), new Uint8Array())).toBe(false);
});
