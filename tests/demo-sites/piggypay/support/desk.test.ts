import { expect, it } from 'vitest';
import { openAccounts } from '../../../../demo-sites/piggypay/accounts.ts';
import { PERSONA } from '../../../../demo-sites/piggypay/persona.ts';
import { deskAnswer, greeting } from '../../../../demo-sites/piggypay/support/desk.ts';

const account = (await openAccounts()).find(PERSONA.mobile);

it('greets by name whoever is logged in, and says what it is and what it never asks for', () => {
  expect(greeting(account)).toMatch(/^Hello Asha, .* a program .* never ask for your password/);
  expect(greeting(undefined)).toMatch(/^Hello, this is PiggyPay support/);
});

it('knows the real account of whoever is logged in, and of nobody else', () => {
  expect(deskAnswer('What is my balance?', account)).toBe('Your balance is ₹12,480.50.');
  expect(deskAnswer('my last payment please', account)).toBe(
    'Your latest payment: Ravi, Half of Saturday’s dinner, +₹640.00.',
  );
  for (const line of ['What is my balance?', 'my payments']) {
    expect(deskAnswer(line, undefined)).toContain('Log in on this site first');
  }
});

it('wants no password, whatever else is asked with it', () => {
  for (const line of ['my password is monsoon-42', 'Balance? My PIN is 1234']) {
    expect(deskAnswer(line, account)).toMatch(/nobody at PiggyPay will ever ask for your password/);
  }
});

it('answers greetings, thanks and the question for opening hours', () => {
  expect(deskAnswer('Hello!', undefined)).toMatch(/^Hello!/);
  expect(deskAnswer('thanks', undefined)).toBe('You are welcome.');
  expect(deskAnswer('When is the support desk open?', undefined)).toContain('open day and night');
});

it('repeats what it does not understand, cut between characters where it is long', () => {
  expect(deskAnswer(' où est la gare ? ', undefined)).toContain('“où est la gare ?”');
  const answer = deskAnswer('🐷'.repeat(5_000), undefined);
  expect(answer).toContain(`${'🐷'.repeat(120)}…”`);
  expect(answer).not.toMatch(/\p{Surrogate}/u);
  expect(answer.length).toBeLessThan(500);
});
