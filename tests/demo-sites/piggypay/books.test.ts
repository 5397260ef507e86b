import { expect, test } from 'vitest';
import { Books } from '../../../demo-sites/piggypay/books.ts';

function transfer(amount: number) {
  return { from: 'Asha', payee: 'Ravi', amount, session: 'a1b2c3' };
}

test('keeps the last 100 transfers, oldest first', () => {
  const books = new Books();
  for (let amount = 1; amount <= 103; amount += 1) books.book(transfer(amount));
  expect(books.transfers().map(({ amount }) => amount)).toEqual(
    Array.from({ length: 100 }, (_, index) => index + 4),
  );
});

test('a list that was asked for before does not grow afterwards', () => {
  const books = new Books();
  books.book(transfer(1));
  books.noteUse('a1b2c3', 'a phone');
  const before = [books.transfers(), books.sessions()] as const;
  books.book(transfer(2));
  books.noteUse('a1b2c3', 'another');
  expect(before).toEqual([[transfer(1)], [{ name: 'a1b2c3', clients: ['a phone'] }]]);
});

test('keeps each client of a session once, in order of appearance, and no more than 20', () => {
  const books = new Books();
  for (const client of ['a phone', 'a laptop', 'a phone']) books.noteUse('a1b2c3', client);
  expect(books.sessions()).toEqual([{ name: 'a1b2c3', clients: ['a phone', 'a laptop'] }]);
  for (let number = 0; number < 30; number += 1) books.noteUse('a1b2c3', `client ${number}`);
  expect(books.clientsOf('a1b2c3')).toHaveLength(20);
});

test('keeps the last 100 sessions, and forgets all at a reset', () => {
  const books = new Books();
  for (let number = 0; number < 103; number += 1) books.noteUse(String(number), 'a phone');
  expect(books.sessions().map(({ name }) => name)).toEqual(
    Array.from({ length: 100 }, (_, index) => String(index + 3)),
  );
  books.reset();
  expect([books.sessions(), books.transfers(), books.clientsOf('102')]).toEqual([[], [], []]);
});
